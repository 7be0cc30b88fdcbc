// Budgets through sockets: thresholds are told once, and the limit acts.
#include <filesystem>
#include <set>

#include "server/demo/world.hpp"

#include "tests/server/service.hpp"

namespace wefee::server::tests {
namespace {

std::set<std::string> pointers_of(const RawReply& reply) {
    std::set<std::string> found;
    const auto body = Json::parse(reply.body);
    for (const auto& error : body.value("errors", Json::array()))
        found.insert(error.at("pointer").get<std::string>());
    return found;
}

// 24/31 of ¥300.00, tax 6 %: ¥246.20; messages cost ¥0.05 from the 10,001st on and ¥0.035 from the 15,001st.
constexpr std::int64_t fixed_fen = 24'620;

TEST(Budgets, AThresholdIsToldOnceAPeriodAndSeveralAtOnceGiveOneNotice) {
    Service service;
    service.open();
    service.use(1);
    service.pass(std::chrono::seconds{5});
    EXPECT_EQ(service.rig.column("SELECT count(*) FROM task WHERE kind='budget_check'"),
              std::vector<std::string>{"0"})
        << "no budget, no check";
    const auto set = Service::must(service.member("PUT", "/api/v1/budget", {{"amount_fen", 50'000}}));
    EXPECT_EQ(set.at("budget").at("thresholds"), Json({50, 80, 100}));
    EXPECT_EQ(set.at("budget").at("receivers"), Json({"billing_admin"}));
    EXPECT_EQ(set.at("period").at("cost_fen"), fixed_fen);
    EXPECT_EQ(set.at("period").at("percent"), 49);
    service.pass(std::chrono::seconds{5});
    EXPECT_TRUE(service.notices().empty());

    service.use(10'099);
    for (int i = 0; i < 20; ++i) service.use(1);  // one check follows all of them
    EXPECT_EQ(service.rig.column("SELECT count(*) FROM task WHERE kind='budget_check'"),
              std::vector<std::string>{"1"});
    service.pass(std::chrono::seconds{5});
    const auto first = service.subscription + ":2026-10-08:50";
    EXPECT_EQ(service.notices(), std::vector<std::string>{first});
    service.use(380);
    service.pass(std::chrono::seconds{5});
    EXPECT_EQ(service.notices(), std::vector<std::string>{first}) << "told once";
    service.use(4'500);
    service.pass(std::chrono::seconds{5});
    EXPECT_EQ(service.notices(), (std::vector<std::string>{first, service.subscription + ":2026-10-08:100"}))
        << "80 came with it";
    const auto seen = Service::must(service.member("GET", "/api/v1/budget", {}, "viewer"));
    ASSERT_EQ(seen.at("period").at("events").size(), 3U);
    EXPECT_EQ(seen.at("period").at("events")[1].at("percent"), 80);
    EXPECT_TRUE(seen.at("period").at("limit_reached"));
    EXPECT_EQ(seen, Service::must(
                        service.rig.call("GET", "/admin/v1/tenants/ten_1/budget", service.rig.admin_key())));
    EXPECT_EQ(service.rig.call("GET", "/admin/v1/tenants/ten_none/budget", service.rig.admin_key()).status,
              404);
    service.rig.counts();  // the books hold
}

TEST(Budgets, ANoticeReachesThoseWhoWereChosen) {
    const Folder folder;
    demo::WorldOptions options;
    options.directory = folder.path() / "world";
    options.start = start;
    demo::World world{std::move(options)};
    world.sandbox(
        "POST", "/sandbox/corps",
        Json{
            {"corpid", corp},
            {"name", "星河教育"},
            {"members",
             {{{"userid", "zhangwei"}, {"name", "z"}, {"admin", true}, {"licensed", true}, {"visible", true}},
              {{"userid", "lina"}, {"name", "l"}, {"admin", true}, {"licensed", true}, {"visible", true}}}}});
    world.sandbox("POST", "/sandbox/corps/" + corp + "/install", Json{{"installer", "zhangwei"}});
    world.settle();
    const auto draft =
        world.must("POST", "/admin/v1/price-lists", world.admin_key(), demo::demo_price_list());
    const auto list = draft["id"].get<std::string>();
    world.must("POST", "/admin/v1/price-lists/" + list + "/publish", world.admin_key(), Json::object());
    const auto code = world.sandbox("POST", "/sandbox/login-codes",
                                    Json{{"kind", "wecom"}, {"corpid", corp}, {"userid", "zhangwei"}});
    const auto token =
        world.must("POST", "/api/v1/session", "", Json{{"code", code["code"]}})["token"].get<std::string>();
    world.must("POST", "/api/v1/subscriptions", token,
               Json{{"price_list_id", list},
                    {"terms_version", "2026-09"},
                    {"plan", "pro"},
                    {"seats", 5},
                    {"payment_way", "manual"}});
    world.must("PUT", "/api/v1/budget", token, Json{{"amount_fen", 30'000}, {"receivers", {"lina"}}});
    world.advance_to(start + std::chrono::hours{3});
    std::vector<Json> cards;
    for (const auto& message : world.sandbox("GET", "/sandbox/notices")["wecom_messages"])
        if (message.dump().find("预算") != std::string::npos) cards.push_back(message);
    ASSERT_EQ(cards.size(), 1U) << "50 and 80 percent are crossed by the fixed fees alone";
    EXPECT_EQ(cards[0]["recipients"], Json({"lina"}));
    EXPECT_NE(cards[0].dump().find("本月费用已达预算的 80%"), std::string::npos) << cards[0].dump();
}

TEST(Budgets, TheLimitStopsWhatTheCustomerChoseUntilTheBudgetIsRaised) {
    Service service;
    service.open();
    Service::must(
        service.member("PUT", "/api/v1/budget",
                       {{"amount_fen", 30'000}, {"at_limit", "stop"}, {"features", {"broadcast"}}}));
    const auto free = Service::must(service.ask("broadcast"));
    EXPECT_EQ(free.at("reason"), "included");
    EXPECT_EQ(free.at("meter").at("next_unit_micro_yuan"), 0);
    service.use(10'000);
    EXPECT_TRUE(service.becomes("broadcast", "metered"));
    EXPECT_EQ(Service::must(service.ask("broadcast")).at("meter").at("next_unit_micro_yuan"), 50'000);
    service.use(2'000);
    EXPECT_TRUE(service.becomes("broadcast", "budget_stopped")) << "without any check having run";
    const auto stopped = Service::must(service.ask("broadcast", "ten_1"));
    EXPECT_FALSE(stopped.at("allowed"));
    EXPECT_EQ(stopped.at("source").at("code"), "pro");
    EXPECT_EQ(service.reason("crm"), "included") << "what was not chosen goes on";
    Service::must(
        service.member("PUT", "/api/v1/budget",
                       {{"amount_fen", 90'000}, {"at_limit", "stop"}, {"features", {"broadcast"}}}));
    EXPECT_EQ(service.reason("broadcast"), "metered") << "at once where it was written";
}

TEST(Budgets, AskingEndsWithAConsentThatWasGrantedAfterTheLimit) {
    Service service;
    service.open();
    Service::must(service.member("PUT", "/api/v1/budget", {{"amount_fen", 30'000}, {"at_limit", "ask"}}));
    service.use(12'000);
    service.pass(std::chrono::seconds{5});
    EXPECT_TRUE(service.becomes("broadcast", "budget_stopped"));
    service.pass(std::chrono::seconds{5});
    const auto consent = Service::must(service.member(
        "POST", "/api/v1/consents",
        {{"subscription_id", service.subscription}, {"provider", "wechat"}, {"cap_charge_fen", 500'000}}));
    EXPECT_EQ(service.reason("broadcast"), "budget_stopped") << "shown is not granted";
    Service::must(service.member("POST", "/api/v1/consents/" + consent.at("id").get<std::string>() + "/grant",
                                 {{"text_hash", consent.at("text_hash")}}));
    EXPECT_EQ(service.reason("broadcast"), "metered");
}

TEST(Budgets, AHardCapHoldsToTheFenHoweverLateUsageComes) {
    Service service;
    service.open();
    service.use(11'000);
    const auto low = service.member("PUT", "/api/v1/budget", {{"amount_fen", 29'000}, {"hard_cap", true}});
    EXPECT_EQ(low.status, 400) << low.body;
    EXPECT_EQ(pointers_of(low), std::set<std::string>{"/amount_fen"}) << "what was used stays owed";
    Service::must(service.member("PUT", "/api/v1/budget", {{"amount_fen", 32'000}, {"hard_cap", true}}));
    service.use(30'000);
    EXPECT_TRUE(service.becomes("broadcast", "budget_stopped")) << "nobody would pay for more";
    const auto running = Service::must(service.member("GET", "/api/v1/running-cost"));
    EXPECT_EQ(running.at("total_fen"), 32'000);
    service.pass(std::chrono::days{24} + std::chrono::hours{1});  // the period's grace
    service.use(50'000);                                          // of October, late
    service.pass(std::chrono::days{1});
    const auto invoices = service.rig.column("SELECT total_fen FROM invoice");
    EXPECT_EQ(invoices, std::vector<std::string>{"32000"});
    EXPECT_EQ(service.rig.column("SELECT sum(amount_fen) FROM invoice_line"), invoices) << "lines add up";
    EXPECT_EQ(service.rig.column("SELECT kind FROM invoice_line WHERE item_code='budget_cap'"),
              std::vector<std::string>{"cap"});
    service.rig.counts();
}

TEST(Budgets, EveryMistakeOfABudgetIsNamed) {
    Service service;
    service.open();
    const auto pointers = [&](const Json& body) {
        const auto reply = service.member("PUT", "/api/v1/budget", body);
        EXPECT_EQ(reply.status, 400) << reply.body;
        return pointers_of(reply);
    };
    using Set = std::set<std::string>;
    EXPECT_EQ(pointers({{"amount", 1}}), (Set{"/amount", "/amount_fen"}));
    EXPECT_EQ(pointers({{"amount_fen", 0},
                        {"thresholds", {"a"}},
                        {"at_limit", "explode"},
                        {"hard_cap", 1},
                        {"receivers", {1}}}),
              (Set{"/amount_fen", "/thresholds", "/at_limit", "/hard_cap", "/receivers"}));
    EXPECT_EQ(pointers({{"amount_fen", 1},
                        {"thresholds", {80, 50}},
                        {"receivers", {"zhangwei", "nobody"}},
                        {"features", {"nothing"}}}),
              (Set{"/thresholds/1", "/receivers/1", "/features/0", "/features"}));
    EXPECT_EQ(service.member("PUT", "/api/v1/budget", {{"amount_fen", 1}}, "viewer").status, 403);
    EXPECT_EQ(Service::must(service.member("GET", "/api/v1/budget")).at("budget"), nullptr);
}

}  // namespace
}  // namespace wefee::server::tests
