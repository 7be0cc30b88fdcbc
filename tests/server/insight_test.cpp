// A tenant's own month through HTTP: which plan would have been cheaper, where the money went, what this
// month will cost.
#include "tests/server/company.hpp"

namespace wefee::server::tests {
namespace {

const Instant october = parse_instant("2026-10-01T09:00:00+08:00").value();
const Instant november = parse_instant("2026-11-10T09:00:00+08:00").value();

Json plan(const char* code, Json modules, std::int64_t price, const char* timing) {
    const Json tiers{{{"up_to", "10000"}, {"unit_price_micro_yuan", 50'000}},
                     {{"unit_price_micro_yuan", 30'000}}};
    return {{"code", code},
            {"title", code},
            {"modules", std::move(modules)},
            {"price_micro_yuan", price},
            {"included_seats", 5},
            {"seat_price_micro_yuan", 99'000'000},
            {"timing", timing},
            {"usage", {{{"meter", "messages"}, {"model", "volume"}, {"tiers", tiers}}}}};
}

Json module(const char* code, std::int64_t price) {
    return {{"code", code}, {"title", code}, {"features", {code}}, {"price_micro_yuan", price}};
}

Json prices(const char* timing) {
    return {{"title", "价目表"},
            {"effective_from", "2026-09-01"},
            {"features",
             {{{"code", "crm"}, {"title", "客户管理"}, {"chargeable", true}},
              {{"code", "broadcast"}, {"title", "消息群发"}, {"chargeable", true}, {"meter", "messages"}}}},
            {"modules", {module("crm", 99'000'000), module("broadcast", 49'000'000)}},
            {"meters",
             {{{"code", "messages"}, {"title", "群发消息"}, {"unit", "条"}, {"dimensions", {"department"}}}}},
            {"plans",
             {plan("pro", {"crm", "broadcast"}, 300'000'000, timing),
              plan("lite", {"crm"}, 100'000'000, timing)}},
            {"tax_basis_points", 0},
            {"terms", {{"version", "1"}, {"text", "条款"}}},
            {"refund_policy", "按天退还"}};
}

/// A company on plan pro: 9,000 messages of two departments in October, 700 on 3 November. It is 10 November.
class Insight : public Company {
protected:
    explicit Insight(const char* timing = "arrears")
        : Company{october, {{"october", october}, {"november", november}}} {
        subscribe(prices(timing), "pro", 5, "october");
        advance("2026-10-12T12:00:00+08:00");
        use("2026-10-11T10:00:00+08:00", {{"销售部", 6'000}, {"=市场部", 3'000}});
        advance("2026-11-04T12:00:00+08:00");
        use("2026-11-03T10:00:00+08:00", {{"销售部", 700}});
        advance(format_instant(november));
    }

    Json get(const std::string& target) { return must("GET", target, "november"); }

    void use(const std::string& at, const std::vector<std::pair<std::string, int>>& departments) {
        Json events = Json::array();
        for (const auto& [department, quantity] : departments)
            events.push_back({{"id", at + department},
                              {"tenant", "ten_1"},
                              {"meter", "messages"},
                              {"quantity", quantity},
                              {"occurred_at", at},
                              {"properties", {{"department", department}}}});
        Company::use(events);
    }

    std::set<std::string> refused(const std::string& target) {
        const auto reply = rig_.call("GET", target, "november");
        EXPECT_GE(reply.status, 400) << target;
        std::set<std::string> pointers;
        const auto body = Json::parse(reply.body);
        for (const auto& error : body.value("errors", Json::array()))
            pointers.insert(error["pointer"].get<std::string>());
        return pointers;
    }
};

struct InsightInAdvance : Insight {
    InsightInAdvance() : Insight{"advance"} {}
};

Json row_of(const Json& rows, const std::string& key) {
    for (const auto& row : rows)
        if (row["key"] == key) return row;
    return nullptr;
}

TEST_F(Insight, RecommendsTheCheaperPlanWithTheModuleItLacksAndFindsTheCliff) {
    const auto answer = get("/api/v1/recommendation?periods=3");
    EXPECT_EQ(answer["features"], (Json{"crm", "broadcast"}));
    EXPECT_EQ(answer["today"]["total_fen"], 30'000 + 45'000);
    const auto invoice = get("/api/v1/invoices")["invoices"][0];
    EXPECT_EQ(answer["today"]["total_fen"], invoice["total_fen"]) << "today's plan costs what was billed";
    ASSERT_EQ(answer["options"].size(), 2U);
    const auto& best = answer["options"][0];
    EXPECT_EQ(best["plan"], "lite");
    EXPECT_EQ(best["add_ons"], Json{"broadcast"});
    EXPECT_EQ(best["total_fen"], 10'000 + 4'900 + 45'000);
    EXPECT_EQ(best["saving_fen"], 15'100);
    std::int64_t difference = 0;
    for (const auto& line : best["lines"]) difference += line["difference_fen"].get<std::int64_t>();
    EXPECT_EQ(difference, -15'100);
    ASSERT_EQ(answer["cliffs"].size(), 1U);
    EXPECT_EQ(answer["cliffs"][0]["used"], "9000");
    EXPECT_EQ(answer["cliffs"][0]["at"], "10001");
    EXPECT_EQ(answer["cliffs"][0]["saving_fen"], 45'000 - 30'003);

    const auto narrow = get("/api/v1/recommendation?features=crm");
    EXPECT_EQ(narrow["options"][0]["add_ons"], Json::array()) << "only what was asked for must be kept";
    EXPECT_EQ(refused("/api/v1/recommendation?periods=0"), std::set<std::string>{"/periods"});
    EXPECT_EQ(refused("/api/v1/recommendation?features=crm,flying"), std::set<std::string>{"/features/1"});
}

TEST_F(Insight, AnalysesTheSameMonthInEveryWayToTheSameTotal) {
    const std::string october_days = "from=2026-10-01&to=2026-11-01";
    for (const std::string by : {"module", "meter", "seat", "department", "day"}) {
        const auto answer = get("/api/v1/analysis?by=" + by + "&" + october_days);
        std::int64_t sum = 0;
        for (const auto& row : answer["rows"]) sum += row["amount_fen"].get<std::int64_t>();
        EXPECT_EQ(sum, 75'000) << by;
        EXPECT_EQ(answer["total_fen"], 75'000) << by;
        EXPECT_EQ(answer["includes_open_period"], false);
        EXPECT_EQ(answer["growth_basis_points"], nullptr) << "there was nothing before";
    }
    const auto departments = get("/api/v1/analysis?by=department&" + october_days)["rows"];
    EXPECT_EQ(row_of(departments, "销售部")["amount_fen"], 30'000);
    EXPECT_EQ(row_of(departments, "=市场部")["amount_fen"], 15'000);
    EXPECT_EQ(row_of(departments, "")["amount_fen"], 30'000);
    const auto day = row_of(get("/api/v1/analysis?by=day&" + october_days)["rows"], "2026-10-11");
    EXPECT_NEAR(day["amount_fen"].get<int>(), 45'000 + 30'000 / 31, 1);
    EXPECT_EQ(refused("/api/v1/analysis?by=colour&from=2026-11-01&to=2026-10-01"),
              (std::set<std::string>{"/by", "/to"}));
    EXPECT_EQ(refused("/api/v1/analysis?from=2026-13-01&format=pdf"),
              (std::set<std::string>{"/from", "/format"}));
}

TEST_F(Insight, TheOpenMonthIsComparedWithTheOneBefore) {
    const auto answer = get("/api/v1/analysis?by=meter");
    EXPECT_EQ(answer["range"], (Json{{"from", "2026-11-01"}, {"to", "2026-12-01"}}));
    EXPECT_EQ(answer["before"], (Json{{"from", "2026-10-01"}, {"to", "2026-11-01"}}));
    EXPECT_EQ(answer["includes_open_period"], true);
    EXPECT_EQ(answer["total_fen"], 30'000 + 3'500);
    EXPECT_EQ(answer["before_fen"], 75'000);
    EXPECT_EQ(answer["drivers"][0]["key"], "messages");
    EXPECT_EQ(answer["drivers"][0]["difference_fen"], 3'500 - 45'000);
    EXPECT_EQ(answer["total_fen"], get("/api/v1/running-cost")["total_fen"]);
}

TEST_F(InsightInAdvance, FeesBilledBeforeTheOpenMonthAreItsCostOnce) {
    const auto answer = get("/api/v1/analysis?by=meter");
    EXPECT_EQ(answer["range"], (Json{{"from", "2026-11-01"}, {"to", "2026-12-01"}}));
    EXPECT_EQ(answer["total_fen"], 30'000 + 3'500);
    EXPECT_EQ(answer["total_fen"], get("/api/v1/running-cost")["total_fen"]);
    EXPECT_EQ(answer["before_fen"], 75'000) << "what the opening billed and what October used";
}

TEST_F(InsightInAdvance, WhatAChangeGaveBackIsNoCost) {
    const auto subscription =
        "/api/v1/subscriptions/" + get("/api/v1/subscriptions")["subscriptions"][0]["id"].get<std::string>();
    const auto quote =
        must("POST", subscription + "/quotes", "november", {{"plan", "lite"}, {"effective", "now"}});
    must("POST", subscription + "/changes", "november", {{"quote_id", quote["id"]}});
    std::int64_t fees = 9'000 + 7'000;  // 9 days of pro, 21 of lite
    for (const std::string by : {"module", "meter", "seat", "day"})
        EXPECT_EQ(get("/api/v1/analysis?by=" + by)["total_fen"], fees + 3'500) << by;
    EXPECT_EQ(row_of(get("/api/v1/analysis?by=day")["rows"], "2026-11-20")["amount_fen"], 333);
}

TEST_F(Insight, ExportsForASpreadsheetWithoutFormulas) {
    const auto reply = rig_.call(
        "GET", "/api/v1/analysis?by=department&from=2026-10-01&to=2026-11-01&format=csv", "november");
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.body.starts_with("\xEF\xBB\xBF编号,项目,金额(元),上期金额(元),增减(元)\r\n"))
        << reply.body;
    EXPECT_NE(reply.body.find("\r\n'=市场部,'=市场部,150.00,0.00,150.00\r\n"), std::string::npos)
        << reply.body;
    EXPECT_TRUE(reply.body.ends_with("\r\n,合计,750.00,0.00,750.00\r\n")) << reply.body;
}

TEST_F(Insight, TheRunningCostForecastsTheMonthsEndAndNamesItsMethod) {
    const auto answer = get("/api/v1/running-cost");
    EXPECT_EQ(answer["total_fen"], 30'000 + 3'500);
    const auto& meter = answer["forecast"]["meters"].at(0);
    EXPECT_EQ(meter["method"], "last_days");
    EXPECT_EQ(meter["method_text"], "按最近 7 个整天的日均用量推算");
    EXPECT_EQ(meter["so_far"], "700");
    EXPECT_EQ(meter["at_end"], "2800")
        << "100 a day over the 7 days to the 9th; the 10th and twenty days more";
    EXPECT_EQ(answer["forecast"]["total_fen"], 30'000 + 14'000);
}

}  // namespace
}  // namespace wefee::server::tests
