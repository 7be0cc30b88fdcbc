// Drafts, publication, versions and their differences through the API (A2).
#include <gtest/gtest.h>

#include "io/crypto.hpp"
#include "server/demo/month.hpp"
#include "server/flows/price_lists.hpp"
#include "server/http/credentials.hpp"
#include "tests/billing/sample_prices.hpp"
#include "tests/server/openapi.hpp"
#include "tests/server/rig.hpp"
#include "tests/storage/books.hpp"

namespace wefee::server::tests {
namespace {

const Instant now = parse_instant("2026-10-08T10:00:00+08:00").value();
const Instant later = parse_instant("2026-10-12T00:00:00+08:00").value();

class PriceListRoutes : public ::testing::Test {
protected:
    void SetUp() override {
        rig.seed([](storage::Store& store) -> io::awaitable<void> {
            wefee::tests::Deed deed{"seed", now};
            storage::TenantRow tenant;
            tenant.id = TenantId{"ten_1"};
            tenant.corp_id = "wpcorp";
            tenant.name = "星河教育";
            tenant.created_at = now;
            deed.changes.insert(tenant);
            tenant.id = TenantId{"ten_2"};
            tenant.corp_id = "wpother";
            deed.changes.insert(tenant);
            co_await store.commit(deed.changes);
            co_await store.put_session({token_hash("other"), TenantId{"ten_2"}, MemberId{"mem_2"},
                                        "billing_admin", "", now, now, now + std::chrono::hours{1}});
            for (const auto& [token, at] : {std::pair{"member", now}, std::pair{"member-later", later}})
                co_await store.put_session({token_hash(token), TenantId{"ten_1"}, MemberId{"mem_1"},
                                            "billing_admin", "", at, at, at + std::chrono::hours{1}});
        });
        rig.start("");
    }

    Json ask(std::string_view method, const std::string& path, int status, const Json& body = {}) const {
        const auto reply = rig.call(method, path, rig.admin_key(), body.is_null() ? "" : body.dump());
        EXPECT_EQ(reply.status, status) << method << " " << path << " " << reply.body;
        return Json::parse(reply.body);
    }
    /// `whose`: "?tenant_id=ten_1" for a tenant's own.
    std::string draft(const Json& list, const std::string& whose = "") const {
        return ask("POST", "/admin/v1/price-lists" + whose, 201, list).at("id");
    }
    /// Status of what a member is answered, and the body.
    std::pair<int, Json> told(const char* token, std::string_view method, const std::string& path,
                              const Json& body = {}) const {
        const auto reply = rig.call(method, path, token, body.is_null() ? "" : body.dump());
        return {reply.status, Json::parse(reply.body)};
    }
    Json publish(const std::string& id, int status = 200) const {
        return ask("POST", "/admin/v1/price-lists/" + id + "/publish", status, Json::object());
    }
    std::string in_force() const { return ask("GET", "/public/v1/price-lists/current", 200).at("id"); }
    /// "code pointer" of each error of a refused publication.
    std::string refused(const Json& list) const {
        std::string told;
        for (const auto& error : publish(draft(list), 400).at("errors"))
            told += error.at("code").get<std::string>() + " " + error.at("pointer").get<std::string>() + "\n";
        return told;
    }

    Rig rig{now};
};

Json full_list() { return Json::parse(print_price_list(testing::full_prices())); }

/// The full list with one value changed.
Json full_with(const std::string& pointer, const Json& value) {
    auto list = full_list();
    list[Json::json_pointer{pointer}] = value;
    return list;
}

TEST_F(PriceListRoutes, PublishingRefusesEachFaultWithItsOwnCodeAndPlace) {
    const std::vector<std::tuple<std::string, Json, std::string>> faults{
        {"/features/1/code", "other", "hidden_fee"},
        {"/plans/0/price_micro_yuan", -1, "negative_price"},
        {"/plans/0/usage/0/tiers/1/up_to", "1000", "tier_overlap"},
        {"/plans/0/usage/0/tiers/2/up_to", "9000", "tier_gap"},
        {"/plans/0/usage/1/meter", "nothing", "quota_without_meter"},
        {"/add_ons/0/modules/0", "nothing", "unknown_reference"},
        {"/coupons/0/code", "pro", "duplicate_code"},
        {"/coupons/0/basis_points", 0, "coupon_out_of_range"},
        {"/meters/1/property", "", "unique_without_property"},
    };
    for (const auto& [pointer, value, code] : faults) {
        const auto told = refused(full_with(pointer, value));
        EXPECT_NE(told.find(code + " /"), std::string::npos) << pointer << "\n" << told;
    }
    auto bundled = full_list();
    bundled["modules"][1].erase("price_micro_yuan");
    EXPECT_EQ(refused(bundled),
              "hidden_fee /features/1\nbundling /plans/1/modules/1\nbundling /add_ons/0/modules/1\n");
    auto unsold = full_list();
    unsold["modules"].push_back({{"code", "lost"}, {"title", "无人可买"}});
    EXPECT_EQ(refused(unsold), "unreachable /modules/2\n");
    EXPECT_EQ(rig.column("SELECT count(*) FROM price_list WHERE status<>'draft'"),
              std::vector<std::string>{"0"});
}

TEST_F(PriceListRoutes, ATooFinePriceIsRefusedBeforeItIsADraft) {
    const auto answer =
        ask("POST", "/admin/v1/price-lists", 400, full_with("/plans/0/price_micro_yuan", 0.5));
    EXPECT_EQ(answer.at("errors").at(0).at("code"), "price_too_fine");
    EXPECT_EQ(answer.at("errors").at(0).at("pointer"), "/plans/0/price_micro_yuan");
    EXPECT_EQ(rig.column("SELECT count(*) FROM price_list"), std::vector<std::string>{"0"});
}

TEST_F(PriceListRoutes, APublishedListStaysAsItIs) {
    const auto id = draft(full_list());
    const auto first = publish(id);
    const auto again = publish(id);
    EXPECT_EQ(again, first);
    const auto stored = rig.column("SELECT body FROM price_list");
    const auto reply = rig.call("GET", "/admin/v1/price-lists/" + id, rig.admin_key());
    const auto shown = nlohmann::ordered_json::parse(reply.body);
    EXPECT_EQ(shown.at("content").dump(), stored.at(0))
        << "shown in the order in which it is stored and hashed";
    EXPECT_EQ(shown.at("hash"), io::sha256_hex(stored.at(0)));
    EXPECT_EQ(stored.at(0), print_price_list(testing::full_prices()));
}

TEST_F(PriceListRoutes, ALaterVersionSupersedesFromItsDayAndSubscriptionsKeepTheirs) {
    const auto first = draft(demo::demo_price_list());
    publish(first);
    const Json wish{{"price_list_id", first},
                    {"terms_version", "2026-09"},
                    {"plan", "pro"},
                    {"seats", 6},
                    {"payment_way", "manual"}};
    ASSERT_EQ(rig.call("POST", "/api/v1/subscriptions", "member", wish.dump()).status, 201);
    auto dearer = demo::demo_price_list();
    dearer["effective_from"] = "2026-10-12";
    dearer["plans"][0]["price_micro_yuan"] = 345'000'000;
    const auto second = draft(dearer);
    EXPECT_EQ(in_force(), first) << "a draft is nobody's price";
    publish(second);
    EXPECT_EQ(in_force(), first) << "not before its day";
    EXPECT_EQ(rig.get("/prices").body.find("¥345.00"), std::string::npos);
    ask("POST", "/admin/v1/test-clock", 200, Json{{"to", "2026-10-11T23:59:59+08:00"}});
    EXPECT_EQ(in_force(), first);
    ask("POST", "/admin/v1/test-clock", 200, Json{{"to", format_instant(later)}});
    EXPECT_EQ(in_force(), second);
    EXPECT_NE(rig.get("/prices").body.find("¥345.00"), std::string::npos);
    const auto mine = Json::parse(rig.call("GET", "/api/v1/subscriptions", "member-later").body);
    EXPECT_EQ(mine["subscriptions"][0]["price_list_id"], first);
    const auto cost = rig.call("GET", "/api/v1/running-cost", "member-later");
    EXPECT_EQ(cost.body.find("¥345.00"), std::string::npos) << cost.body;
    EXPECT_NE(cost.body.find("¥300.00"), std::string::npos) << cost.body;
}

Json cheaper_list() {
    auto list = demo::demo_price_list();
    list["title"] = "星河教育专享价";
    list["plans"][0]["price_micro_yuan"] = 234'000'000;
    return list;
}

TEST_F(PriceListRoutes, AgreedPricesAreATenantsOwnListAndNobodyElseSeesThem) {
    const auto shared = draft(demo::demo_price_list());
    publish(shared);
    const auto own = draft(cheaper_list(), "?tenant_id=ten_1");
    EXPECT_EQ(told("member", "GET", "/api/v1/price-lists/current").second["id"], shared)
        << "a draft is nobody's price";
    EXPECT_EQ(publish(own)["tenant_id"], "ten_1");

    const auto [status, mine] = told("member", "GET", "/api/v1/price-lists/current");
    EXPECT_EQ(mine["id"], own);
    EXPECT_EQ(mine["tenant_id"], "ten_1");
    EXPECT_NE(rig.call("GET", "/api/v1/prices", "member").body.find("¥234.00"), std::string::npos);
    const auto changed =
        told("member", "GET", "/api/v1/price-lists/" + own + "/diff?against=" + shared).second;
    EXPECT_EQ(changed["differences"][1]["text"], "套餐「专业版」 · 每期价格 由 ¥300.00 调低为 ¥234.00");

    EXPECT_EQ(in_force(), shared);
    EXPECT_EQ(rig.get("/prices").body.find("¥234.00"), std::string::npos);
    EXPECT_EQ(told("other", "GET", "/api/v1/price-lists/current").second["id"], shared);
    EXPECT_EQ(rig.call("GET", "/api/v1/prices", "other").body.find("¥234.00"), std::string::npos);
    EXPECT_EQ(told("other", "GET", "/api/v1/price-lists/" + shared).first, 200);
    for (const auto* path : {"/api/v1/price-lists/prl_none", "/api/v1/price-lists/prl_none/diff?against="}) {
        auto foreign = std::string{path};
        foreign.replace(foreign.find("prl_none"), 8, own);
        const std::string end = foreign.ends_with('=') ? shared : "";
        EXPECT_EQ(told("other", "GET", foreign + end).first, 404) << foreign;
        EXPECT_EQ(told("other", "GET", path + end).first, 404) << path;
    }
    ask("POST", "/admin/v1/price-lists?tenant_id=ten_none", 404, cheaper_list());
    const auto all = ask("GET", "/admin/v1/price-lists", 200)["price_lists"];
    EXPECT_EQ(all[0]["tenant_id"], nullptr);
    EXPECT_EQ(all[1]["tenant_id"], "ten_1");
    rig.counts();
}

Json opening(const std::string& list) {
    return {{"price_list_id", list},
            {"terms_version", "2026-09"},
            {"plan", "pro"},
            {"seats", 6},
            {"payment_way", "manual"}};
}

TEST_F(PriceListRoutes, ASubscriptionIsOpenedOnItsOwnListAndNeverOnAnothers) {
    const auto shared = draft(demo::demo_price_list());
    publish(shared);
    const auto own = draft(cheaper_list(), "?tenant_id=ten_1");
    publish(own);
    EXPECT_EQ(told("other", "POST", "/api/v1/subscriptions", opening(own)).first, 404);
    EXPECT_EQ(told("other", "POST", "/api/v1/subscriptions", opening("prl_none")).first, 404)
        << "as one that does not exist";
    EXPECT_EQ(told("member", "POST", "/api/v1/subscriptions", opening(shared)).first, 400)
        << "its own is in force";
    EXPECT_EQ(told("member", "POST", "/api/v1/subscriptions", opening(own)).first, 201);
    const auto cost = rig.call("GET", "/api/v1/running-cost", "member");
    EXPECT_NE(cost.body.find("¥234.00"), std::string::npos) << cost.body;
    EXPECT_EQ(told("other", "POST", "/api/v1/subscriptions", opening(shared)).first, 201);
    const auto theirs =
        told("other", "GET", "/api/v1/subscriptions").second["subscriptions"][0]["id"].get<std::string>();
    EXPECT_EQ(
        told("other", "POST", "/api/v1/subscriptions/" + theirs + "/quotes", {{"price_list_id", own}}).first,
        404);
    EXPECT_EQ(
        told("other", "POST", "/api/v1/subscriptions/" + theirs + "/quotes", {{"price_list_id", "prl_none"}})
            .first,
        404);
    const auto refused = ask(
        "POST", "/admin/v1/subscriptions/" + theirs + "/corrections", 400,
        {{"terms", {{{"from", "2026-10-08"}, {"price_list_id", own}}}}, {"reason", "r"}, {"preview", true}});
    EXPECT_EQ(refused.at("errors").at(0).at("pointer"), "/terms/0/price_list_id") << "nor by an operator";
    rig.counts();
}

TEST_F(PriceListRoutes, AMoveToAgreedPricesIsQuotedLikeAnyChange) {
    const auto shared = draft(demo::demo_price_list());
    publish(shared);
    ASSERT_EQ(told("member", "POST", "/api/v1/subscriptions", opening(shared)).first, 201);
    auto dearer = cheaper_list();
    dearer["plans"][0]["seat_price_micro_yuan"] = 111'000'000;
    const auto own = draft(dearer, "?tenant_id=ten_1");
    publish(own);
    ask("POST", "/admin/v1/test-clock", 200, Json{{"to", format_instant(later)}});
    const auto id = told("member-later", "GET", "/api/v1/subscriptions")
                        .second["subscriptions"][0]["id"]
                        .get<std::string>();
    const auto [status, quote] = told("member-later", "POST", "/api/v1/subscriptions/" + id + "/quotes",
                                      {{"price_list_id", own}, {"effective", "now"}});
    ASSERT_EQ(status, 201) << quote.dump();
    EXPECT_EQ(quote["from"]["price_list_id"], shared);
    EXPECT_EQ(quote["to"]["price_list_id"], own);
    const auto changed =
        told("member-later", "POST", "/api/v1/subscriptions/" + id + "/changes", {{"quote_id", quote["id"]}});
    ASSERT_EQ(changed.first, 200) << changed.second.dump();
    const auto cost = rig.call("GET", "/api/v1/running-cost", "member-later");
    EXPECT_NE(cost.body.find("¥234.00"), std::string::npos) << cost.body;
    EXPECT_NE(cost.body.find("¥300.00"), std::string::npos) << "the days before it keep their price";
    rig.counts();
}

TEST_F(PriceListRoutes, TwoVersionsOfTheSameContentKeepTheirOwnIds) {
    const auto first = draft(demo::demo_price_list()), second = draft(demo::demo_price_list());
    publish(first), publish(second);
    const auto page = rig.get("/prices");
    EXPECT_EQ(in_force(), second);
    EXPECT_NE(page.body.find("第 2 版"), std::string::npos) << page.body;
}

TEST_F(PriceListRoutes, WhatOneVersionChangesAgainstAnotherIsTold) {
    const auto older = draft(demo::demo_price_list());
    auto list = demo::demo_price_list();
    list["plans"][0]["seat_price_micro_yuan"] = 89'000'000;
    list["plans"][0]["cap_fen"] = 900'000;
    const auto newer = draft(list);
    const auto path = "/admin/v1/price-lists/" + newer + "/diff?against=" + older;
    const auto told = ask("GET", path, 200);
    EXPECT_EQ(told.at("differences"),
              (Json{{{"kind", "lowered"},
                     {"pointer", "/plans/0/seat_price_micro_yuan"},
                     {"text", "套餐「专业版」 · 每席每期价格 由 ¥99.00 调低为 ¥89.00"},
                     {"old", 99'000'000},
                     {"new", 89'000'000}},
                    {{"kind", "added"},
                     {"pointer", "/plans/0/cap_fen"},
                     {"text", "套餐「专业版」 · 每期封顶 新增:¥9,000.00"},
                     {"old", nullptr},
                     {"new", 900'000}}}));
    const OpenApi api;
    EXPECT_EQ(api.differences(api.operation("GET", "/admin/v1/price-lists/{price_list_id}/diff"), told),
              std::vector<std::string>{});
    EXPECT_EQ(api.differences(api.operation("GET", "/admin/v1/price-lists/{price_list_id}"),
                              ask("GET", "/admin/v1/price-lists/" + newer, 200)),
              std::vector<std::string>{});
    EXPECT_TRUE(ask("GET", "/admin/v1/price-lists/" + older + "/diff?against=" + older, 200)
                    .at("differences")
                    .empty());
    EXPECT_EQ(ask("GET", "/admin/v1/price-lists/" + older + "/diff", 400).at("errors").at(0).at("pointer"),
              "/against");
    ask("GET", "/admin/v1/price-lists/" + older + "/diff?against=prl_none", 404);
    ask("GET", "/admin/v1/price-lists/prl_none/diff?against=" + older, 404);
    ask("GET", "/admin/v1/price-lists/prl_none", 404);
}

TEST_F(PriceListRoutes, ThePageIsPlainHtmlUnderAStrictPolicy) {
    EXPECT_EQ(rig.get("/prices").status, 404);
    publish(draft(full_list()));
    const auto page = rig.get("/prices");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(page.header("Content-Security-Policy").starts_with("default-src 'none'; style-src 'sha256-"));
    EXPECT_NE(page.body.find("2026 价目表"), std::string::npos);
}

}  // namespace
}  // namespace wefee::server::tests
