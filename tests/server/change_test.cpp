// Changes of a subscription, through HTTP: quoted to the fen, confirmed as quoted or not at all, credited,
// billed once.
#include "tests/server/company.hpp"

namespace wefee::server::tests {
namespace {

const Instant begin = parse_instant("2026-03-05T09:00:00+08:00").value();

Json plan(const char* code, std::int64_t yuan, const Json& more = Json::object()) {
    Json row{{"code", code},
             {"title", code},
             {"modules", {"crm"}},
             {"price_micro_yuan", yuan * 1'000'000},
             {"timing", "advance"},
             {"usage", {{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 10'000}}}}};
    row.update(more);
    return row;
}

Json prices() {
    return {
        {"title", "价目表"},
        {"effective_from", "2026-01-01"},
        {"features",
         {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}},
          {{"code", "mass"}, {"title", "群发"}, {"chargeable", true}}}},
        {"modules",
         {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}},
          {{"code", "mass"}, {"title", "群发"}, {"features", {"mass"}}, {"price_micro_yuan", 31'000'000}}}},
        {"one_offs",
         {{{"code", "setup"}, {"title", "实施"}, {"unit", "次"}, {"price_micro_yuan", 500'000'000}},
          {{"code", "training"}, {"title", "培训"}, {"unit", "天"}, {"price_micro_yuan", 1'234'500}}}},
        {"coupons", {{{"code", "half"}, {"title", "半价"}, {"kind", "percent"}, {"basis_points", 5000}}}},
        {"meters",
         {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}},
          {{"code", "peak"}, {"title", "峰值"}, {"unit", "个"}, {"aggregation", "max"}}}},
        {"plans",
         {plan("small", 10), plan("big", 15), plan("year", 120, {{"months", 12}}),
          plan("dear_usage", 10,
               {{"usage", {{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 30'000}}}}}),
          plan("peaks", 10,
               {{"usage", {{{"meter", "peak"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 10'000}}}}}),
          plan("seats", 0, {{"seat_price_micro_yuan", 10'000'000}}), plan("tried", 31, {{"trial_days", 10}}),
          plan("later", 31, {{"timing", "arrears"}})}},
        {"tax_basis_points", 2500},
        {"terms", {{"version", "1"}, {"text", "条款"}}},
        {"refund_policy", "按天退还"}};
}

using Texts = std::vector<std::string>;

/// Members log in at ten o'clock of the days on which they do something; a session that is not used ends.
std::vector<std::pair<std::string, Instant>> sessions() {
    std::vector<std::pair<std::string, Instant>> all{{"admin 2026-03-05", begin}};
    for (const std::string day :
         {"2026-03-08", "2026-03-12", "2026-03-13", "2026-03-14", "2026-03-20", "2026-03-21", "2026-04-05"})
        all.emplace_back("admin " + day, parse_instant(day + "T10:00:00+08:00").value());
    return all;
}

class Changes : public Company {
protected:
    Changes() : Company{begin, sessions()} {
        must("PATCH", "/admin/v1/tenants/ten_1", rig_.admin_key(), {{"anchor_day", 5}});
    }

    void subscribe(const char* code, int seats = 0) {
        Company::subscribe(prices(), code, seats, admin());
        advance("2026-03-05T09:01:00+08:00");  // what is billed in advance is billed
    }
    std::string admin() {
        const auto now = must("GET", "/admin/v1/test-clock", rig_.admin_key())["now_ms"].get<std::int64_t>();
        return "admin " + format_day(civil_day(from_millis(now)));
    }
    std::string subscription() { return rig_.column("SELECT id FROM subscription").at(0); }
    Json quote(const Json& wish) {
        return must("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(), wish);
    }
    RawReply confirm(const Json& quoted) {
        return rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/changes", admin(),
                         Json{{"quote_id", quoted["id"]}}.dump());
    }
    void change(const Json& wish) {
        const auto reply = confirm(quote(wish));
        ASSERT_EQ(reply.status, 200) << reply.body;
        rig_.counts();  // the books hold
    }
    void use(const std::string& at, int quantity, const char* meter = "calls") {
        Company::use({{{"id", at + meter},
                       {"tenant", "ten_1"},
                       {"meter", meter},
                       {"quantity", quantity},
                       {"occurred_at", at}}});
    }
    /// cycle/part: item=amount ...
    Texts bills() {
        rig_.counts();
        return rig_.column(
            "SELECT i.cycle || '/' || i.part || ': ' || GROUP_CONCAT(l.item_code || '=' || l.amount_fen, ' "
            "') FROM "
            "(SELECT * FROM invoice_line ORDER BY position) l JOIN invoice i ON i.id=l.invoice_id GROUP BY "
            "i.id ORDER BY "
            "i.created_at, i.cycle, i.part");
    }
    std::string credit() {
        return rig_.column("SELECT COALESCE(SUM(amount_fen), 0) FROM account_credit").at(0);
    }
};

TEST_F(Changes, AnUpgradeCreditsTheUnusedDaysAndChargesTheRest) {  // B04
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    const auto quoted = quote({{"plan", "big"}});
    const auto& now = quoted["due_now"];
    EXPECT_EQ(quoted["effective"], "now");
    EXPECT_EQ(now["lines"][0]["amount_fen"], 1161);
    EXPECT_EQ(now["credits"][0]["net_fen"], 774);
    EXPECT_EQ(now["credits"][0]["tax_fen"], 194);
    EXPECT_EQ(now["credit_total_fen"], 968);
    EXPECT_EQ(now["total_fen"], 1161 + 290);
    EXPECT_EQ(now["to_pay_fen"], 1161 + 290 - 968);
    EXPECT_EQ(quoted["next_period"]["total_fen"], 1875);
    ASSERT_EQ(confirm(quoted).status, 200);
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250", "1/1: plan.big=1161 tax=290"}));
    EXPECT_EQ(rig_.column("SELECT state || ' ' || paid_fen FROM invoice WHERE part=1"),
              Texts{"PARTLY_PAID 968"});
    EXPECT_EQ(credit(), "0");
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(bills().back(), "1/0: calls=0 calls=0 plan.big=1500 tax=375");
}

TEST_F(Changes, AQuoteIsConfirmedAsItWasShownOrAnsweredWithANewOneAndWhatDiffers) {
    subscribe("seats", 5);
    advance("2026-03-12T10:00:00+08:00");
    const auto quoted = quote({{"seats", 10}});
    const auto other = quote({{"seats", 7}});
    EXPECT_EQ(confirm(other).status, 200);
    const auto refused = confirm(quoted);
    ASSERT_EQ(refused.status, 409) << refused.body;
    const auto body = Json::parse(refused.body);
    EXPECT_EQ(body["code"], "quote_changed");
    std::map<std::string, std::pair<Json, Json>> differs;
    for (const auto& one : body["differences"])
        differs[one["pointer"].get<std::string>()] = {one["old"], one["new"]};
    EXPECT_EQ(differs.at("/from/seats"), std::pair(Json(5), Json(7)));
    EXPECT_TRUE(differs.contains("/due_now/credit_total_fen")) << body.dump();
    EXPECT_EQ(rig_.column("SELECT seats FROM subscription"), Texts{"7"}) << "nothing was done";
    EXPECT_EQ(confirm(body["quote"]).status, 200);
    EXPECT_EQ(confirm(body["quote"]).status, 200) << "done already";
    EXPECT_EQ(rig_.column("SELECT seats FROM seat_change ORDER BY seq"), (Texts{"5", "7", "10"}));
    rig_.counts();
}

TEST_F(Changes, AQuoteHoldsForFifteenMinutes) {
    subscribe("small");
    const auto quoted = quote({{"plan", "big"}});
    advance("2026-03-05T09:15:59+08:00");
    EXPECT_EQ(must("GET", "/api/v1/quotes/" + quoted["id"].get<std::string>(), admin()), quoted);
    advance("2026-03-05T09:16:00+08:00");
    const auto refused = confirm(quoted);
    EXPECT_EQ(refused.status, 409);
    const auto body = Json::parse(refused.body);
    EXPECT_TRUE(body["differences"].empty()) << body.dump();
    const auto again = [&] {
        return Json::parse(rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/changes", admin(),
                                     Json{{"quote_id", quoted["id"]}}.dump(),
                                     {{"Idempotency-Key", "the-same-twice"}})
                               .body);
    };
    EXPECT_NE(again()["quote"]["id"], again()["quote"]["id"])
        << "a refused call is made anew, and so is its quote";
    EXPECT_EQ(confirm(body["quote"]).status, 200);
}

TEST_F(Changes, ADowngradeWaitsForTheEndOfThePeriod) {
    subscribe("big");
    advance("2026-03-12T10:00:00+08:00");
    const auto quoted = quote({{"plan", "small"}});
    EXPECT_EQ(quoted["effective"], "period_end");
    EXPECT_EQ(quoted["effective_day"], "2026-04-05");
    EXPECT_EQ(quoted["due_now"]["to_pay_fen"], 0);
    ASSERT_EQ(confirm(quoted).status, 200);
    EXPECT_EQ(rig_.column("SELECT plan_code FROM subscription"), Texts{"big"});
    advance("2026-04-05T00:01:00+08:00");
    EXPECT_EQ(rig_.column("SELECT plan_code FROM subscription"), Texts{"small"});
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{"0/0: plan.big=1500 tax=375", "1/0: calls=0 plan.small=1000 tax=250"}));
    EXPECT_EQ(credit(), "0");
}

TEST_F(Changes, ACancellationAtOnceGivesTheUnusedDaysBackAndEndsTheSubscription) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    EXPECT_EQ(quote({{"cancel", true}})["effective_day"], "2026-04-05") << "by itself with the period";
    const auto quoted = quote({{"cancel", true}, {"effective", "now"}});
    EXPECT_EQ(quoted["due_now"]["account_credit_after_fen"], 742 + 185)
        << "23 of 31 days: the last day is billed";
    use("2026-03-12T08:00:00+08:00", 100);
    ASSERT_EQ(confirm(quoted).status, 200);
    EXPECT_EQ(
        rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(), R"({"plan":"big"})")
            .status,
        409);
    advance("2026-03-14T10:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250", "1/0: calls=100 tax=25"}));
    EXPECT_EQ(rig_.column("SELECT state || ' ' || last_day FROM subscription"), Texts{"ENDED 2026-03-12"});
    EXPECT_EQ(rig_.column("SELECT state FROM invoice WHERE cycle=1"), Texts{"PAID"}) << "by account credit";
    EXPECT_EQ(credit(), std::to_string(742 + 185 - 125));
    const auto notes = must("GET", "/api/v1/credit-notes", admin());
    EXPECT_EQ(notes["account_credit_fen"], 742 + 185 - 125);
    EXPECT_EQ(notes["credit_notes"][0]["formula_text"], "¥10.00 × 23/31 天");
    advance("2026-06-14T10:00:00+08:00");
    EXPECT_EQ(bills().size(), 2U);
}

TEST_F(Changes, APlanOfAnotherLengthBeginsItsOwnPeriodAndTakesTheDaysUsageAlong) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    use("2026-03-10T08:00:00+08:00", 300);
    use("2026-03-12T08:00:00+08:00", 50);
    change({{"plan", "year"}});
    EXPECT_EQ(rig_.column("SELECT period_start || ' ' || period_end FROM subscription"),
              Texts{"2026-03-05 2026-03-12"});
    advance("2026-03-13T10:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250", "2/1: plan.year=11770 tax=2943",
                              "1/0: calls=300 tax=75"}))
        << "358 of the 365 days from 5 March";
    EXPECT_EQ(rig_.column("SELECT period_start || ' ' || period_end || ' ' || cycle FROM subscription"),
              Texts{"2026-03-12 2027-03-05 2"});
    EXPECT_EQ(must("GET", "/api/v1/usage", admin())["totals"][0]["quantity"], "50");
    EXPECT_EQ(must("GET", "/api/v1/running-cost", admin())["total_fen"], 11770 + 50 + 2955);
}

TEST_F(Changes, WhatCountsByTheWholePeriodIsNotCutInMidDay) {
    subscribe("peaks");
    advance("2026-03-12T10:00:00+08:00");
    use("2026-03-12T08:00:00+08:00", 50, "peak");
    const auto refused = rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                                   R"({"plan":"year","effective":"now"})");
    EXPECT_EQ(refused.status, 409) << refused.body;
    advance("2026-03-13T10:00:00+08:00");
    change({{"plan", "year"}, {"effective", "now"}});
}

TEST_F(Changes, UsageIsPricedByThePlanOfItsDayHoweverLateItComes) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    use("2026-03-10T08:00:00+08:00", 100);
    change({{"plan", "dear_usage"}, {"effective", "now"}});
    use("2026-03-12T09:00:00+08:00", 10);
    advance("2026-04-07T10:00:00+08:00");
    EXPECT_EQ(bills().back(), "1/0: calls=100 calls=30 plan.dear_usage=1000 tax=283");
    use("2026-03-11T08:00:00+08:00", 1);
    use("2026-03-20T08:00:00+08:00", 1);
    advance("2026-05-07T10:00:00+08:00");
    EXPECT_EQ(bills().back(), "2/0: calls=0 calls.late=4 plan.dear_usage=1000 tax=251");
}

TEST_F(Changes, InTheTrialAChangeCostsNothingAndTheOpeningBillHasIt) {
    subscribe("tried");
    advance("2026-03-08T10:00:00+08:00");
    const auto quoted = quote({{"add_ons", {"mass"}}});
    EXPECT_EQ(quoted["due_now"]["to_pay_fen"], 0);
    EXPECT_EQ(quoted["billed_with"], "opening");
    EXPECT_EQ(quoted["features"]["gained"], Json({"mass"}));
    ASSERT_EQ(confirm(quoted).status, 200);
    advance("2026-03-15T00:01:00+08:00");
    EXPECT_EQ(bills(), Texts{"0/0: plan.tried=2100 module.mass=2100 tax=1050"});
    advance("2026-03-20T10:00:00+08:00");
    change({{"cancel", true}, {"effective", "now"}});
    EXPECT_EQ(credit(), std::to_string(2 * (1500 + 375))) << "15 of 31 days of both";
}

TEST_F(Changes, AChangeBetweenAPeriodsEndAndItsBillIsInThatBill) {
    subscribe("small");
    advance("2026-04-05T10:00:00+08:00");
    const auto quoted = quote({{"plan", "big"}});
    EXPECT_EQ(quoted["billed_with"], "period");
    ASSERT_EQ(confirm(quoted).status, 200);
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250", "1/0: calls=0 plan.big=1500 tax=375"}));
}

TEST_F(Changes, CouponsAreGivenWithTheSubscriptionOrLaterAndCreditsGiveBackWhatWasPaid) {
    subscribe("later");
    change({{"coupons", {"half"}}});
    advance("2026-03-12T10:00:00+08:00");
    EXPECT_EQ(quote({{"plan", "small"}, {"effective", "now"}})["due_now"]["total_fen"], 774 - 387 + 97);
    change({{"plan", "small"}, {"effective", "now"}});
    change({{"cancel", true}, {"effective", "now"}});
    EXPECT_EQ(rig_.column("SELECT gross_fen || ' ' || net_fen || ' ' || tax_fen FROM credit_note"),
              Texts{"742 371 93"});
    EXPECT_EQ(credit(), std::to_string(371 + 93)) << "the change's invoice was issued before there was any";
}

TEST_F(Changes, AnOperatorsChangeOfSeatsIsBilledInAdvanceToo) {  // S01
    subscribe("seats", 5);
    advance("2026-03-21T10:00:00+08:00");
    must("POST", "/admin/v1/subscriptions/" + subscription() + "/seats", rig_.admin_key(), {{"seats", 10}});
    EXPECT_EQ(bills(), (Texts{"0/0: plan.seats=0 seats=5000 tax=1250", "1/1: seats=4839 tax=1210"}))
        << "15 of 31 days";
    EXPECT_EQ(rig_.column("SELECT total_fen FROM credit_note"), Texts{std::to_string(2419 + 605)});
}

TEST_F(Changes, AnotherVersionOfThePriceListHoldsFromTheChangeOn) {
    subscribe("small");
    auto dearer = prices();
    dearer["plans"][0]["price_micro_yuan"] = 20'000'000;
    dearer["effective_from"] = "2026-03-10";
    const auto list =
        must("POST", "/admin/v1/price-lists", rig_.admin_key(), dearer)["id"].get<std::string>();
    EXPECT_EQ(rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                        Json{{"price_list_id", list}}.dump())
                  .status,
              404)
        << "a draft is nobody's price";
    must("POST", "/admin/v1/price-lists/" + list + "/publish", rig_.admin_key(), Json::object());
    EXPECT_EQ(rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                        Json{{"price_list_id", list}}.dump())
                  .status,
              400)
        << "not in force yet";
    advance("2026-03-12T10:00:00+08:00");
    change({{"price_list_id", list}});
    EXPECT_EQ(bills().back(), "1/1: plan.small=1548 tax=387");
    EXPECT_EQ(rig_.column("SELECT total_fen FROM credit_note"), Texts{"968"})
        << "at the price that was billed";
}

TEST_F(Changes, WhatWasChosenButNotBegunChangesWithoutABill) {
    const auto list =
        must("POST", "/admin/v1/price-lists", rig_.admin_key(), prices())["id"].get<std::string>();
    must("POST", "/admin/v1/price-lists/" + list + "/publish", rig_.admin_key(), Json::object());
    must("POST", "/api/v1/subscriptions", admin(),
         {{"price_list_id", list},
          {"terms_version", "1"},
          {"plan", "small"},
          {"seats", 3},
          {"coupons", {"half"}},
          {"payment_way", "automatic"}});
    change({{"plan", "big"}, {"seats", 4}, {"coupons", Json::array()}, {"anchor_day", 17}});
    EXPECT_EQ(rig_.column("SELECT anchor_day FROM tenant WHERE id='ten_1'"), Texts{"17"})
        << "its periods will end by it";
    EXPECT_EQ(
        rig_.column("SELECT plan_code || ' ' || seats || ' ' || coupons || ' ' || state FROM subscription"),
        Texts{"big 4 [] PENDING"});
    change({{"cancel", true}});
    EXPECT_EQ(rig_.column("SELECT state FROM subscription"), Texts{"ENDED"});
    EXPECT_EQ(bills(), Texts{});
}

TEST_F(Changes, AWishThatDoesNotFitNamesItsField) {
    subscribe("small");
    const auto pointer = [&](const std::string& wish) {
        const auto reply =
            rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(), wish);
        EXPECT_EQ(reply.status, 400) << reply.body;
        const auto body = Json::parse(reply.body);
        return body.contains("errors") ? body["errors"][0]["pointer"].get<std::string>()
                                       : body["code"].get<std::string>();
    };
    EXPECT_EQ(pointer(R"({"plan":"huge"})"), "/plan");
    EXPECT_EQ(pointer(R"({"add_ons":["nope"]})"), "/add_ons/0");
    EXPECT_EQ(pointer(R"({"add_ons":["mass","mass"]})"), "/add_ons/1");
    EXPECT_EQ(pointer(R"({"coupons":["x"]})"), "/coupons/0");
    EXPECT_EQ(pointer(R"({"seats":-1})"), "/seats");
    EXPECT_EQ(pointer(R"({"anchor_day":32})"), "/anchor_day");
    EXPECT_EQ(pointer(R"({"effective":"soon","plan":"big"})"), "/effective");
    EXPECT_EQ(pointer(R"({"cancel":true,"plan":"big"})"), "/cancel");
    EXPECT_EQ(pointer(R"({"plan":"big","colour":"red"})"), "/colour");
    EXPECT_EQ(pointer("{}"), "");
    EXPECT_EQ(rig_.call("POST", "/api/v1/subscriptions/sub_x/quotes", admin(), R"({"plan":"big"})").status,
              404);
    EXPECT_EQ(rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                        R"({"price_list_id":"prl_x"})")
                  .status,
              404);
    EXPECT_EQ(rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/changes", admin(),
                        R"({"quote_id":"quo_x"})")
                  .status,
              404);
}

TEST_F(Changes, AOneOffItemIsBilledWholeAtOnceAndOnce) {  // B19
    subscribe("small");
    advance("2026-03-21T10:00:00+08:00");
    const auto running = must("GET", "/api/v1/running-cost", admin())["total_fen"];
    const auto spent = [&] {
        return must("GET", "/api/v1/analysis?by=day&from=2026-03-21&to=2026-03-22", admin())["total_fen"]
            .get<std::int64_t>();
    };
    const auto spent_before = spent();
    const auto quoted = quote(
        {{"one_offs", {{{"code", "setup"}, {"quantity", 2}}, {{"code", "training"}, {"quantity", 3}}}}});
    EXPECT_EQ(quoted["kind"], "one_off");
    EXPECT_EQ(quoted["billed_with"], "one_off");
    EXPECT_EQ(quoted["due_now"]["lines"][0]["amount_fen"], 100'000);
    EXPECT_EQ(quoted["due_now"]["lines"][1]["amount_fen"], 370) << "370.35 fen";
    EXPECT_EQ(quoted["due_now"]["to_pay_fen"], 100'370 + 25'093);
    ASSERT_EQ(confirm(quoted).status, 200);
    ASSERT_EQ(confirm(quoted).status, 200) << "done already";
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250",
                              "1/1: one_off.setup=100000 one_off.training=370 tax=25093"}));
    EXPECT_EQ(rig_.column("SELECT cause || ' ' || state || ' ' || due_day FROM invoice WHERE part=1"),
              Texts{"one_off FINAL 2026-04-05"});
    EXPECT_EQ(rig_.column("SELECT COUNT(*) FROM outbox WHERE kind='payment_due' AND ref_id=(SELECT id FROM "
                          "invoice WHERE part=1)"),
              Texts{"1"});
    EXPECT_EQ(rig_.column("SELECT COUNT(*) FROM outbox WHERE kind='plan_changed'"), Texts{"0"});
    EXPECT_EQ(must("GET", "/api/v1/running-cost", admin())["total_fen"], running)
        << "it is apart from periods";
    const auto invoice = must("GET", "/api/v1/invoices", admin())["invoices"][0];
    EXPECT_EQ(invoice["cause"], "one_off");
    EXPECT_EQ(must("GET", "/api/v1/overview", admin())["due_fen"], 1'250 + 125'463);
    EXPECT_TRUE(must("GET", "/api/v1/explain/" + invoice["id"].get<std::string>(), admin())["usage"].empty());
    EXPECT_EQ(spent() - spent_before, 125'463) << "on the day of the order";
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(bills().back(), "1/0: calls=0 plan.small=1000 tax=250");
}

TEST_F(Changes, AccountCreditPaysForAnOrderFirst) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    change({{"cancel", true}, {"effective", "now"}});
    const auto quoted = quote({{"one_offs", {{{"code", "setup"}, {"quantity", 1}}}}});
    EXPECT_EQ(quoted["due_now"]["account_credit_used_fen"], 742 + 185)
        << "what is cancelled runs to the end of its last day";
    ASSERT_EQ(confirm(quoted).status, 200);
    EXPECT_EQ(rig_.column("SELECT state || ' ' || paid_fen FROM invoice WHERE cause='one_off'"),
              Texts{"PARTLY_PAID 927"});
    EXPECT_EQ(credit(), "0");
    advance("2026-03-13T10:00:00+08:00");
    EXPECT_EQ(rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                        R"({"one_offs":[{"code":"setup","quantity":1}]})")
                  .status,
              409);
}

TEST_F(Changes, AnOrderBetweenAPeriodsEndAndItsBillLeavesThatBillAsItIs) {
    subscribe("small");
    advance("2026-04-05T10:00:00+08:00");
    ASSERT_EQ(confirm(quote({{"one_offs", {{{"code", "setup"}, {"quantity", 1}}}}})).status, 200);
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250", "2/1: one_off.setup=50000 tax=12500",
                              "1/0: calls=0 plan.small=1000 tax=250"}));
}

TEST_F(Changes, AnOrderOfWhatIsNotListedOrBesideAChangeIsRefused) {
    subscribe("small");
    const auto pointers = [&](const Json& wish) {
        const auto reply =
            rig_.call("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(), wish.dump());
        EXPECT_EQ(reply.status, 400) << reply.body;
        Texts found;
        for (const auto& error : Json::parse(reply.body).value("errors", Json::array()))
            found.push_back(error["pointer"]);
        return found;
    };
    const Json setup{{"code", "setup"}, {"quantity", 1}};
    EXPECT_EQ(pointers({{"one_offs", {setup, {{"code", "mass"}, {"quantity", 1}}, setup}}}),
              (Texts{"/one_offs/1/code", "/one_offs/2/code"}));
    EXPECT_EQ(
        pointers(
            {{"one_offs", {{{"code", "setup"}, {"quantity", 0}}, {{"quantity", 1'000'001}, {"price", 1}}}}}),
        (Texts{"/one_offs/0/quantity", "/one_offs/1/code", "/one_offs/1/quantity", "/one_offs/1/price"}));
    EXPECT_EQ(pointers({{"one_offs", Json::array()}}), Texts{"/one_offs"});
    EXPECT_EQ(pointers({{"one_offs", {setup}}, {"plan", "big"}}), Texts{"/one_offs"});
    EXPECT_EQ(pointers({{"one_offs", {setup}}, {"cancel", true}}), Texts{"/one_offs"});
    EXPECT_EQ(pointers({{"one_offs", {setup}}, {"effective", "period_end"}}), Texts{"/one_offs"});
    EXPECT_EQ(bills().size(), 1U);
}

class Pauses : public Changes {
protected:
    std::string state() { return rig_.column("SELECT state FROM subscription").at(0); }
    /// What the software is told about the plan's feature.
    std::string reason() {
        if (key_.empty())
            key_ = must("POST", "/admin/v1/api-keys", rig_.admin_key(),
                        {{"name", "scrm"}, {"scope", "entitlements"}})["key"];
        return must("GET", "/entitlements/v1/ten_1/crm", key_)["reason"];
    }

private:
    std::string key_;
};

TEST_F(Pauses, CostNothingAndGiveNothing) {
    subscribe("small");
    EXPECT_EQ(reason(), "included");
    advance("2026-03-12T10:00:00+08:00");
    EXPECT_EQ(quote({{"paused", true}})["effective"], "period_end") << "what is paid is used up first";
    const auto quoted = quote({{"paused", true}, {"effective", "now"}});
    EXPECT_EQ(quoted["due_now"]["credit_total_fen"], 774 + 194) << "24 of 31 days";
    EXPECT_EQ(quoted["features"]["lost"], Json{"crm"});
    EXPECT_EQ(quoted["to"]["paused"], true);
    EXPECT_EQ(quoted["next_period"]["total_fen"], 0);
    ASSERT_EQ(confirm(quoted).status, 200);
    EXPECT_EQ(state(), "PAUSED");
    EXPECT_EQ(reason(), "paused");
    use("2026-03-12T09:00:00+08:00", 5);
    advance("2026-03-20T10:00:00+08:00");
    EXPECT_EQ(must("GET", "/api/v1/running-cost", admin())["total_fen"], 226 + 57) << "seven of 31 days";
    change({{"paused", false}});
    EXPECT_EQ(state(), "ACTIVE");
    EXPECT_EQ(reason(), "included");
    EXPECT_EQ(bills(), (Texts{"0/0: plan.small=1000 tax=250", "1/1: plan.small=516 tax=129"}));
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(bills().back(), "1/0: calls=0 plan.small=1000 tax=250") << "paused days are free";
}

TEST_F(Pauses, ThatWerePlannedBeginWithTheNextPeriodAndLastUntilItGoesOn) {
    subscribe("later");
    advance("2026-03-12T10:00:00+08:00");
    change({{"paused", true}});
    EXPECT_EQ(state(), "ACTIVE");
    advance("2026-04-05T10:00:00+08:00");
    EXPECT_EQ(state(), "PAUSED");
    EXPECT_EQ(reason(), "paused");
    advance("2026-06-06T10:00:00+08:00");
    EXPECT_EQ(rig_.column("SELECT COUNT(*) || ' ' || SUM(total_fen) FROM invoice WHERE cycle>1"),
              Texts{"2 0"})
        << "each of its periods is closed with a bill of nothing";
}

TEST_F(Pauses, DoNotHideWhatIsOwed) {
    subscribe("later");
    change({{"one_offs", {{{"code", "setup"}, {"quantity", 1}}}}});
    advance("2026-03-21T10:00:00+08:00");
    ASSERT_EQ(state(), "PAST_DUE");
    change({{"paused", true}, {"effective", "now"}});
    EXPECT_EQ(state(), "PAST_DUE");
    EXPECT_EQ(reason(), "paused");
    const auto invoice = must("GET", "/api/v1/invoices", admin())["invoices"][0]["id"].get<std::string>();
    must("POST", "/admin/v1/invoices/" + invoice + "/credit-notes", rig_.admin_key(),
         {{"line", "one_off.setup"}, {"amount_fen", 50'000}, {"reason", "送的"}});
    advance("2026-03-21T10:20:00+08:00");
    EXPECT_EQ(state(), "PAUSED");
}

TEST_F(Pauses, DoNotKeepAnInvoiceFromFallingDue) {
    subscribe("later");
    change({{"one_offs", {{{"code", "setup"}, {"quantity", 1}}}}});
    change({{"paused", true}, {"effective", "now"}});
    EXPECT_EQ(state(), "PAUSED");
    advance("2026-03-21T10:00:00+08:00");
    EXPECT_EQ(state(), "PAST_DUE");
}

TEST_F(Changes, MembersSetTheirDeductionDayAndPauseDeductions) {
    const auto tenant =
        must("PATCH", "/api/v1/settings", admin(), {{"deduction_day", 20}, {"deductions_paused", true}});
    EXPECT_EQ(tenant["deduction_day"], 20);
    EXPECT_EQ(tenant["deductions_paused"], true);
    EXPECT_EQ(must("PATCH", "/api/v1/settings", admin(), {{"deductions_paused", false}})["deduction_day"],
              20);
}

}  // namespace
}  // namespace wefee::server::tests
