// Trials, through HTTP: TRIALING on exactly the days that cost nothing, whatever is changed, paid or
// restarted meanwhile.
#include <thread>

#include "tests/server/company.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server::tests {
namespace {

const Instant begin = parse_instant("2026-10-01T09:00:00+08:00").value();

Json plan(const char* code, int trial_days) {
    return {{"code", code},
            {"title", code},
            {"modules", {"crm"}},
            {"price_micro_yuan", 310'000'000},
            {"trial_days", trial_days},
            {"usage", {{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 10'000}}}}};
}

Json prices() {
    return {{"title", "价目表"},
            {"effective_from", "2026-09-01"},
            {"features", {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}}}},
            {"modules",
             {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}}}},
            {"one_offs",
             {{{"code", "setup"}, {"title", "实施"}, {"unit", "次"}, {"price_micro_yuan", 500'000'000}}}},
            {"meters", {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}}}},
            {"plans", {plan("none", 0), plan("ten", 10), plan("twenty", 20), plan("sixty", 60)}},
            {"tax_basis_points", 0},
            {"terms", {{"version", "1"}, {"text", "条款"}}},
            {"refund_policy", "按天退还"}};
}

using Texts = std::vector<std::string>;

/// A session a day, good for some minutes: one that is not used ends.
std::vector<std::pair<std::string, Instant>> sessions() {
    std::vector<std::pair<std::string, Instant>> all;
    for (int day = 0; day < 80; ++day)
        all.emplace_back("admin " + format_day(civil_day(begin + std::chrono::days{day})),
                         begin + std::chrono::days{day});
    return all;
}

class Trials : public Company {
protected:
    explicit Trials(const std::string& store_url = "") : Company{begin, sessions(), store_url} {}

    void subscribe(const char* code) { Company::subscribe(prices(), code, 0, admin()); }
    std::string admin() {
        const auto now = must("GET", "/admin/v1/test-clock", rig_.admin_key())["now_ms"].get<std::int64_t>();
        return "admin " + format_day(civil_day(from_millis(now)));
    }
    Json subscription() { return must("GET", "/api/v1/subscriptions", admin())["subscriptions"].back(); }
    /// "TRIALING until 2026-10-11", "ACTIVE"; the books hold.
    std::string state() {
        rig_.counts();
        return rig_.column("SELECT state || COALESCE(' until ' || trial_end, '') FROM subscription").at(0);
    }
    /// The states since the start, as audited.
    Texts states() {
        return rig_.column("SELECT to_state FROM audit WHERE entity='subscription' ORDER BY seq");
    }
    void day(const std::string& day) { advance(day + "T09:10:00+08:00"); }
    void change(const Json& wish) {
        const auto path = "/api/v1/subscriptions/" + subscription()["id"].get<std::string>();
        const auto quote = must("POST", path + "/quotes", admin(), wish);
        must("POST", path + "/changes", admin(), {{"quote_id", quote["id"]}});
    }
    void change_to(const char* code) { change({{"plan", code}, {"effective", "now"}}); }
    void correct(const std::string& from, const char* code) {
        must("POST", "/admin/v1/subscriptions/" + subscription()["id"].get<std::string>() + "/corrections",
             rig_.admin_key(), {{"terms", {{{"from", from}, {"plan", code}}}}, {"reason", "说错了"}});
    }
    Texts bills() {
        return rig_.column("SELECT cycle || ': ' || total_fen FROM invoice ORDER BY created_at, cycle, part");
    }
};

TEST_F(Trials, LastFromTheStartUntilTheTrialsEnd) {
    subscribe("ten");
    EXPECT_EQ(subscription()["state"], "TRIALING");
    EXPECT_EQ(subscription()["trial_end"], "2026-10-11");
    advance("2026-10-10T23:59:59+08:00");
    EXPECT_EQ(state(), "TRIALING until 2026-10-11");
    advance("2026-10-11T00:00:01+08:00");
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(states(), (Texts{"PENDING", "TRIALING", "ACTIVE"}));
}

TEST_F(Trials, APlanWithoutOneBeginsActive) {
    subscribe("none");
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(states(), (Texts{"PENDING", "ACTIVE"}));
}

TEST_F(Trials, OneThatIsWaivedNeverBegins) {
    const auto list =
        must("POST", "/admin/v1/price-lists", rig_.admin_key(), prices())["id"].get<std::string>();
    must("POST", "/admin/v1/price-lists/" + list + "/publish", rig_.admin_key(), Json::object());
    must("POST", "/api/v1/subscriptions", admin(),
         {{"price_list_id", list},
          {"terms_version", "1"},
          {"plan", "ten"},
          {"seats", 0},
          {"trial", false},
          {"payment_way", "manual"}});
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(subscription()["trial"], false);
    day("2026-10-05");
    change_to("sixty");
    EXPECT_EQ(state(), "ACTIVE");
    advance("2026-11-02T12:00:00+08:00");
    EXPECT_EQ(bills(), Texts{"1: 31000"}) << "every day costs";
}

TEST_F(Trials, ArePeriodsLikeOthers) {
    subscribe("sixty");
    use({{{"id", "1"},
          {"tenant", "ten_1"},
          {"meter", "calls"},
          {"quantity", 7},
          {"occurred_at", "2026-10-01T09:00:00+08:00"}}});
    advance("2026-11-03T12:00:00+08:00");
    EXPECT_EQ(state(), "TRIALING until 2026-11-30");
    EXPECT_EQ(bills(), Texts{"1: 0"});
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(bills(), (Texts{"1: 0", "2: 1033"})) << "one of thirty days";
}

TEST_F(Trials, EndAtOnceWithAPlanThatHasNoneOrWhoseTrialIsOver) {
    subscribe("twenty");
    day("2026-10-12");
    change_to("ten");
    EXPECT_EQ(state(), "ACTIVE") << "ten days were over on the 11th";
    EXPECT_EQ(states(), (Texts{"PENDING", "TRIALING", "ACTIVE"}));
}

TEST_F(Trials, OfALongerPlanLastLongerCountedFromTheFirstDay) {  // A14
    subscribe("ten");
    day("2026-10-05");
    change_to("twenty");
    EXPECT_EQ(state(), "TRIALING until 2026-10-21");
    day("2026-10-12");
    EXPECT_EQ(state(), "TRIALING until 2026-10-21");
    day("2026-10-21");
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(states(), (Texts{"PENDING", "TRIALING", "ACTIVE"}));
}

TEST_F(Trials, BeginWithAPlanWhoseTrialIsNotOverForItsDaysCostNothing) {
    subscribe("none");
    day("2026-10-06");
    change_to("ten");
    EXPECT_EQ(state(), "TRIALING until 2026-10-11");
    advance("2026-11-02T12:00:00+08:00");
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(bills(), Texts{"1: 26000"}) << "5 days before it and 21 after it, of 31";
    day("2026-11-05");
    change_to("twenty");
    EXPECT_EQ(state(), "ACTIVE") << "its twenty days are over";
}

TEST_F(Trials, BeginWithTermsThatWerePlanned) {
    subscribe("none");
    change({{"plan", "sixty"}, {"effective", "period_end"}});
    EXPECT_EQ(state(), "ACTIVE");
    day("2026-11-01");
    EXPECT_EQ(state(), "TRIALING until 2026-11-30");
    change({{"plan", "none"}, {"effective", "period_end"}});
    EXPECT_EQ(state(), "TRIALING until 2026-11-30") << "earlier than the planned terms";
}

TEST_F(Trials, FollowACorrectionOfTerms) {
    subscribe("ten");
    day("2026-10-05");
    correct("2026-10-01", "none");
    EXPECT_EQ(state(), "ACTIVE");
    correct("2026-10-03", "twenty");
    EXPECT_EQ(state(), "TRIALING until 2026-10-21");
    day("2026-10-21");
    EXPECT_EQ(state(), "ACTIVE");
}

TEST_F(Trials, EndWithTheSubscription) {
    subscribe("sixty");
    day("2026-10-05");
    change({{"cancel", true}, {"effective", "now"}});
    EXPECT_EQ(state(), "TRIALING until 2026-11-30") << "today is its last day";
    advance("2026-10-12T12:00:00+08:00");
    EXPECT_EQ(states(), (Texts{"PENDING", "TRIALING", "ENDED"}));
    EXPECT_EQ(bills(), Texts{"1: 0"});
}

TEST_F(Trials, CountFromTheFirstSubscriptionInTheNextToo) {
    subscribe("ten");
    day("2026-10-05");
    change({{"cancel", true}, {"effective", "now"}});
    day("2026-10-09");
    EXPECT_EQ(subscription()["state"], "ENDED");
    subscribe("twenty");
    EXPECT_EQ(subscription()["state"], "TRIALING");
    EXPECT_EQ(subscription()["trial_end"], "2026-10-21");
    EXPECT_EQ(subscription()["first_started_on"], "2026-10-01");
    day("2026-10-10");
    change({{"cancel", true}, {"effective", "now"}});
    day("2026-10-14");
    subscribe("ten");
    EXPECT_EQ(subscription()["state"], "ACTIVE") << "its ten days were over on the 11th";
    advance("2026-11-02T12:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{"1: 0", "1: 0", "1: 18000"})) << "18 of 31 days";
}

TEST_F(Trials, GoOnWhenWhatWasOverdueIsSettled) {
    subscribe("sixty");
    change({{"one_offs", {{{"code", "setup"}, {"quantity", 1}}}}});
    day("2026-10-18");
    EXPECT_EQ(state(), "PAST_DUE until 2026-11-30") << "what was ordered is owed, trial or not";
    const auto invoice = must("GET", "/api/v1/invoices", admin())["invoices"][0]["id"].get<std::string>();
    must("POST", "/admin/v1/invoices/" + invoice + "/credit-notes", rig_.admin_key(),
         {{"line", "one_off.setup"}, {"amount_fen", 50'000}, {"reason", "送的"}});
    advance("2026-10-18T09:20:00+08:00");
    EXPECT_EQ(state(), "TRIALING until 2026-11-30");
}

TEST_F(Trials, AreOverOnceHoweverLateTheServerComesBack) {
    subscribe("ten");
    rig_.stop();
    rig_.now = parse_instant("2026-10-20T09:10:00+08:00").value();
    rig_.start(all_providers(rig_));
    day("2026-10-20");
    advance("2026-10-20T09:11:00+08:00");
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(states(), (Texts{"PENDING", "TRIALING", "ACTIVE"}));
}

TEST_F(Trials, AreWhyAFeatureMayBeUsed) {
    subscribe("ten");
    const auto key = must("POST", "/admin/v1/api-keys", rig_.admin_key(),
                          {{"name", "scrm"}, {"scope", "entitlements"}})["key"]
                         .get<std::string>();
    const auto reason = [&] {
        return must("GET", "/entitlements/v1/ten_1/crm", key)["reason"].get<std::string>();
    };
    EXPECT_EQ(reason(), "trial");
    advance("2026-10-11T00:00:01+08:00");
    EXPECT_EQ(reason(), "included");
}

struct OnMariadb {
    OnMariadb() { wefee::tests::PrivateMariadb::instance().create_database("trials"); }
    ~OnMariadb() { wefee::tests::PrivateMariadb::instance().drop_database("trials"); }
    static std::string url() { return wefee::tests::PrivateMariadb::instance().url("trials"); }
};

class MysqlTrials : private OnMariadb, public Trials {
protected:
    MysqlTrials() : Trials{url()} {}
    ~MysqlTrials() override { rig_.stop(); }
};

TEST_F(MysqlTrials, AreOverOnceForTwoInstances) {
    subscribe("ten");
    const auto id = subscription()["id"].get<std::string>();
    Rig other{begin};
    other.store_url = rig_.store_url;
    other.worker = true;
    other.start(all_providers(other));
    const auto to = Json{{"to", "2026-10-11T00:00:01+08:00"}}.dump();
    {
        std::jthread one{[&] { rig_.call("POST", "/admin/v1/test-clock", rig_.admin_key(), to); }};
        std::jthread two{[&] { other.call("POST", "/admin/v1/test-clock", other.admin_key(), to); }};
    }
    other.stop();
    rig_.stop();
    Texts moves;
    rig_.seed([&](storage::Store& store) -> io::awaitable<void> {
        for (const auto& row : co_await store.audit_of("subscription", id)) moves.push_back(row.to_state);
    });
    EXPECT_EQ(moves, (Texts{"PENDING", "TRIALING", "ACTIVE"}));
}

}  // namespace
}  // namespace wefee::server::tests
