// What operators give, take back and correct, through HTTP on both engines: account credit, credit notes on
// lines, history rewritten, and the second person above the limit. After each test the books are proven.
#include "tests/server/company.hpp"
#include "tests/server/openapi.hpp"
#include "tests/support/private_mariadb.hpp"

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

/// 25 % tax; `calls` at one fen, or three under dear_usage.
Json prices(std::int64_t small = 10) {
    const Json dear{{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 30'000}}};
    return {
        {"title", "价目表"},
        {"effective_from", "2026-01-01"},
        {"features",
         {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}},
          {{"code", "mass"}, {"title", "群发"}, {"chargeable", true}}}},
        {"modules",
         {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}},
          {{"code", "mass"}, {"title", "群发"}, {"features", {"mass"}}, {"price_micro_yuan", 31'000'000}}}},
        {"coupons", {{{"code", "half"}, {"title", "半价"}, {"kind", "percent"}, {"basis_points", 5000}}}},
        {"meters", {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}}}},
        {"plans",
         {plan("small", small), plan("big", 15), plan("year", 120, {{"months", 12}}),
          plan("dear_usage", small, {{"usage", dear}}), plan("huge", 2'000),
          plan("later", 31, {{"timing", "arrears"}})}},
        {"tax_basis_points", 2500},
        {"terms", {{"version", "1"}, {"text", "条款"}}},
        {"refund_policy", "按天退还"}};
}

/// Fresh MariaDB for a test that runs there; named by what it is for.
struct Where {
    explicit Where(bool mariadb) : on_mariadb(mariadb) {
        if (on_mariadb) wefee::tests::PrivateMariadb::instance().create_database("give_back");
    }
    ~Where() {
        if (on_mariadb) wefee::tests::PrivateMariadb::instance().drop_database("give_back");
    }
    std::string url() const {
        return on_mariadb ? wefee::tests::PrivateMariadb::instance().url("give_back") : "";
    }
    bool on_mariadb;
};

std::vector<std::pair<std::string, Instant>> all_sessions() {
    std::vector<std::pair<std::string, Instant>> all{{"admin 2026-03-05", begin}};
    for (const std::string day :
         {"2026-03-08", "2026-03-12", "2026-03-20", "2026-04-05", "2026-04-06", "2026-04-12", "2026-05-06"})
        all.emplace_back("admin " + day, parse_instant(day + "T10:00:00+08:00").value());
    return all;
}

class GiveBack : private Where, public Company, public ::testing::WithParamInterface<bool> {
protected:
    GiveBack() : Where{GetParam()}, Company{begin, all_sessions(), url()} {
        must("PATCH", "/admin/v1/tenants/ten_1", rig_.admin_key(), {{"anchor_day", 5}});
        second_ = must("POST", "/admin/v1/api-keys", rig_.admin_key(),
                       {{"name", "second"}, {"scope", "admin"}, {"role", "finance"}})["key"];
    }
    void TearDown() override {
        rig_.counts();  // all invariants hold
        rig_.stop();
    }

    void subscribe(const char* code, int seats = 0) {
        Company::subscribe(prices(), code, seats, admin());
        advance("2026-03-05T09:01:00+08:00");  // what is billed in advance is billed
    }
    std::string admin() {
        const auto now = must("GET", "/admin/v1/test-clock", rig_.admin_key())["now_ms"].get<std::int64_t>();
        return "admin " + format_day(civil_day(from_millis(now)));
    }
    Json member(const std::string& path) { return must("GET", path, admin()); }
    std::string subscription() { return member("/api/v1/subscriptions")["subscriptions"][0]["id"]; }
    std::int64_t account_credit() { return member("/api/v1/credit-notes")["account_credit_fen"]; }
    /// Newest first.
    Json invoices() { return member("/api/v1/invoices")["invoices"]; }
    Json invoice(std::size_t index = 0) {
        return member("/api/v1/invoices/" + invoices().at(index)["id"].get<std::string>());
    }

    RawReply ask(const std::string& path, Json body, Headers headers = {}) {
        if (!body.contains("reason")) body["reason"] = "多收了";
        return rig_.call("POST", "/admin/v1/" + path, rig_.admin_key(), body.dump(), std::move(headers));
    }
    /// Made at once.
    Json give(const std::string& path, const Json& body) {
        const auto reply = ask(path, body);
        if (reply.status != 201)
            throw std::runtime_error(path + ": " + std::to_string(reply.status) + " " + reply.body);
        auto answer = Json::parse(reply.body);
        expect_described("POST", pattern_of(path), answer);
        return answer;
    }
    Json credit_line(const std::string& invoice, const Json& body) {
        return give("invoices/" + invoice + "/credit-notes", body);
    }
    Json correct(const Json& terms) {
        return give("subscriptions/" + subscription() + "/corrections", {{"terms", terms}});
    }
    Json preview(const Json& terms) {
        const auto reply =
            ask("subscriptions/" + subscription() + "/corrections", {{"terms", terms}, {"preview", true}});
        EXPECT_EQ(reply.status, 200) << reply.body;
        return Json::parse(reply.body);
    }
    RawReply decide(const Json& request, const char* what, const std::string& key) {
        return rig_.call("POST", "/admin/v1/approvals/" + request["id"].get<std::string>() + "/" + what, key,
                         R"({"reason":"核对过"})");
    }
    /// "pointer: text" of the first mistake, or the problem's code.
    static std::string problem_of(const RawReply& reply) {
        const auto body = Json::parse(reply.body);
        if (!body.contains("errors") || body["errors"].empty()) return body.value("code", reply.body);
        return body["errors"][0]["pointer"].get<std::string>() + ": " +
               body["errors"][0]["detail"].get<std::string>();
    }
    /// "item=amount ..." and the total.
    static std::string lines_of(const Json& bill) {
        std::string text;
        for (const auto& line : bill["lines"])
            text += line["item_code"].get<std::string>() + "=" + line["amount_fen"].dump() + " ";
        return text + "= " + bill["total_fen"].dump();
    }
    void change(const Json& wish) {
        const auto path = "/api/v1/subscriptions/" + subscription();
        const auto quote = must("POST", path + "/quotes", admin(), wish);
        must("POST", path + "/changes", admin(), {{"quote_id", quote["id"]}});
    }
    void use(const std::string& at, int quantity) {
        Company::use({{{"id", at},
                       {"tenant", "ten_1"},
                       {"meter", "calls"},
                       {"quantity", quantity},
                       {"occurred_at", at}}});
    }

    std::string second_;  // another operator's key

private:
    static std::string pattern_of(const std::string& path) {
        if (path.starts_with("tenants")) return "/admin/v1/tenants/{tenant_id}/credits";
        if (path.ends_with("credit-notes")) return "/admin/v1/invoices/{invoice_id}/credit-notes";
        return "/admin/v1/subscriptions/{subscription_id}/corrections";
    }
    static void expect_described(const std::string& method, const std::string& pattern, const Json& answer) {
        const OpenApi api;
        for (const auto& difference : api.differences(api.operation(method, pattern), answer, "201"))
            ADD_FAILURE() << pattern << difference;
    }
};
INSTANTIATE_TEST_SUITE_P(On, GiveBack, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Mysql" : "Sqlite"; });

// ---- account credit ----

TEST_P(GiveBack, CreditGivenByAnOperatorPaysTheNextInvoicesFirstAndKeepsItsReason) {  // N15
    const auto given = give("tenants/ten_1/credits", {{"amount_fen", 2000}, {"reason", "十月故障补偿"}});
    EXPECT_EQ(given["state"], "APPROVED");
    const auto note = given["credit_notes"].at(0);
    EXPECT_EQ(note["cause"], "grant");
    EXPECT_EQ(note["reason"], "十月故障补偿");
    EXPECT_EQ(account_credit(), 2000);
    subscribe("small");  // 1250 with tax
    EXPECT_EQ(invoice()["state"], "PAID");
    EXPECT_EQ(account_credit(), 750);
    const auto explained =
        must("GET", "/admin/v1/approvals/" + given["id"].get<std::string>(), rig_.admin_key());
    EXPECT_EQ(explained["reason"], "十月故障补偿");
    EXPECT_EQ(explained["audit"].at(0)["to"], "APPROVED");
    EXPECT_EQ(explained["audit"][0]["actor"], "operator:installer");
    EXPECT_EQ(explained["credit_notes"][0]["books"].size(), 2U);
}

TEST_P(GiveBack, FromTheLimitOnAnotherOperatorDecidesAndTheCreditIsGivenOnce) {
    const auto reply =
        ask("tenants/ten_1/credits", {{"amount_fen", 100'000}}, {{"Idempotency-Key", "credit-0001"}});
    ASSERT_EQ(reply.status, 202) << reply.body;
    const auto request = Json::parse(reply.body);
    EXPECT_EQ(request["state"], "PENDING");
    EXPECT_EQ(account_credit(), 0);
    EXPECT_EQ(must("GET", "/admin/v1/approvals?state=PENDING", rig_.admin_key())["approvals"].size(), 1U);
    EXPECT_EQ(
        ask("tenants/ten_1/credits", {{"amount_fen", 100'000}}, {{"Idempotency-Key", "credit-0001"}}).body,
        reply.body);

    EXPECT_EQ(decide(request, "approve", rig_.admin_key()).status, 403) << "nobody approves his own request";
    for (int i = 0; i < 2; ++i) {
        const auto approved = decide(request, "approve", second_);
        ASSERT_EQ(approved.status, 200) << approved.body;
        EXPECT_EQ(Json::parse(approved.body)["decided_by"], "operator:second");
        EXPECT_EQ(account_credit(), 100'000);
    }
    EXPECT_EQ(problem_of(decide(request, "refuse", second_)), "wrong_state");
    EXPECT_EQ(must("GET", "/admin/v1/approvals?state=PENDING", rig_.admin_key())["approvals"].size(), 0U);
    const auto explained =
        must("GET", "/admin/v1/approvals/" + request["id"].get<std::string>(), rig_.admin_key());
    EXPECT_EQ(explained["decisions"].at(0)["by"], "operator:second");
    EXPECT_EQ(explained["audit"].size(), 2U);
}

TEST_P(GiveBack, ARefusedRequestChangesNothingEverAfter) {
    const auto request = Json::parse(ask("tenants/ten_1/credits", {{"amount_fen", 500'000}}).body);
    EXPECT_EQ(decide(request, "refuse", second_).status, 200);
    EXPECT_EQ(problem_of(decide(request, "approve", second_)), "wrong_state");
    EXPECT_EQ(account_credit(), 0);
}

TEST_P(GiveBack, AKeyForOneTenantDoesNotReachAnother) {
    const auto narrow =
        must("POST", "/admin/v1/api-keys", rig_.admin_key(),
             {{"name", "narrow"}, {"scope", "admin"}, {"role", "finance"}, {"tenant_id", "ten_2"}})["key"]
            .get<std::string>();
    const auto request = Json::parse(ask("tenants/ten_1/credits", {{"amount_fen", 500'000}}).body);
    EXPECT_EQ(rig_.call("POST", "/admin/v1/tenants/ten_1/credits", narrow, R"({"amount_fen":5,"reason":"r"})")
                  .status,
              404);
    EXPECT_EQ(decide(request, "approve", narrow).status, 404);
    EXPECT_EQ(must("GET", "/admin/v1/approvals", narrow)["approvals"].size(), 0U);
    EXPECT_EQ(ask("tenants/ten_9/credits", {{"amount_fen", 5}}).status, 404);
}

// ---- credit notes on lines ----

TEST_P(GiveBack, ANoteLowersWhatIsOwedWithTaxAndNeverMoreThanWasBilledOnTheLine) {
    subscribe("small");
    const auto bill = invoice();
    const auto id = bill["id"].get<std::string>();
    ASSERT_EQ(bill["due_fen"], 1250);
    const auto note = credit_line(id, {{"line", "plan.small"}, {"amount_fen", 400}})["credit_notes"].at(0);
    EXPECT_EQ(note["net_fen"], 400);
    EXPECT_EQ(note["tax_fen"], 100);
    EXPECT_EQ(note["lowered_fen"], 500);
    EXPECT_EQ(invoice()["due_fen"], 750);
    EXPECT_EQ(invoice()["total_fen"], 1250) << "a final invoice keeps its total";
    EXPECT_EQ(invoice()["credit_notes"].at(0)["reason"], "多收了");
    const auto path = "invoices/" + id + "/credit-notes";
    EXPECT_EQ(problem_of(ask(path, {{"line", "plan.small"}, {"amount_fen", 601}})),
              "/amount_fen: is more than is left of what was billed on it");
    EXPECT_EQ(problem_of(ask(path, {{"line", "tax"}, {"amount_fen", 1}})),
              "/line: is not a line of this invoice");
    EXPECT_EQ(problem_of(ask(path, {{"line", "plan.big"}, {"amount_fen", 1}})),
              "/line: is not a line of this invoice");
    EXPECT_EQ(problem_of(ask(path, {{"line", 0}, {"amount_fen", 0}})),
              "/amount_fen: must be between 1 and 100000000000");
    credit_line(id, {{"line", 0}, {"amount_fen", 600}});
    EXPECT_EQ(invoice()["state"], "PAID");
    EXPECT_EQ(invoice()["due_fen"], 0);
    EXPECT_EQ(account_credit(), 0);
    const auto chain = must("GET", "/admin/v1/explain/" + note["id"].get<std::string>(), rig_.admin_key());
    EXPECT_EQ(chain["requests"].size(), 2U);
}

TEST_P(GiveBack, ANoteOnAPaidInvoiceBecomesAccountCreditAsFarAsNoCashCame) {
    give("tenants/ten_1/credits", {{"amount_fen", 1250}});
    subscribe("small");
    ASSERT_EQ(invoice()["state"], "PAID");
    const auto note =
        credit_line(invoice()["id"],
                    {{"line", "plan.small"}, {"amount_fen", 1000}, {"refund", true}})["credit_notes"]
            .at(0);
    EXPECT_EQ(note["account_credit_fen"], 1250);
    EXPECT_EQ(note["refunded_fen"], 0) << "account credit paid it";
    EXPECT_EQ(account_credit(), 1250);
    EXPECT_EQ(invoice()["state"], "PAID");
    EXPECT_EQ(
        problem_of(ask("invoices/" + invoice()["id"].get<std::string>() + "/refunds", {{"amount_fen", 1}})),
        "/amount_fen: is more than was received for it");
}

TEST_P(GiveBack, ANoteCarriesItsShareOfTheCouponsAndALaterChangeGivesBackOnlyTheRest) {
    subscribe("small");
    advance("2026-04-05T10:00:00+08:00");
    change({{"coupons", {"half"}}, {"effective", "period_end"}});
    advance("2026-05-06T10:00:00+08:00");
    const auto bill = invoice();  // small for May at half price
    ASSERT_EQ(lines_of(bill), "calls=0 plan.small=1000 coupon.half=-500 tax=125 = 625");
    const auto note =
        credit_line(bill["id"], {{"line", "plan.small"}, {"amount_fen", 600}})["credit_notes"].at(0);
    EXPECT_EQ(note["net_fen"], 300);
    EXPECT_EQ(note["total_fen"], 375);
    // 30 of 31 days are left of 1000: 968 without the note, 400 with it; half of that was paid.
    const auto quote = must("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                            {{"plan", "big"}, {"effective", "now"}});
    EXPECT_EQ(quote["due_now"]["credits"][0]["net_fen"], 200);
}

// ---- history rewritten ----

TEST_P(GiveBack, ACorrectionIsShownFirstAndThenBilledToBePaidByAPerson) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    const Json terms{{{"from", "2026-03-05"}, {"plan", "big"}}};
    const auto shown = preview(terms);
    EXPECT_EQ(lines_of(shown), "plan.big=1500 plan.small=-1000 tax=125 = 625");
    EXPECT_EQ(shown["to_pay_fen"], 625);
    EXPECT_EQ(invoices().size(), 1U) << "a preview changes nothing";
    const auto done = correct(terms);
    EXPECT_EQ(done["correction"]["total_fen"], 625);
    EXPECT_EQ(done["invoice"]["cause"], "correction");
    EXPECT_EQ(lines_of(invoice()), lines_of(shown));
    EXPECT_EQ(invoice()["due_fen"], 625);
    EXPECT_EQ(member("/api/v1/subscriptions")["subscriptions"][0]["plan"], "big");
    advance("2026-04-06T10:00:00+08:00");
    EXPECT_EQ(lines_of(invoice()), "calls=0 plan.big=1500 tax=375 = 1875");
    const auto again = preview(terms);
    EXPECT_TRUE(again["lines"].empty()) << again.dump();
}

TEST_P(GiveBack, WhatABillWasTooHighBecomesAccountCreditWithTheLinesThatSayWhy) {
    subscribe("big");
    advance("2026-03-12T10:00:00+08:00");
    const auto done = correct({{{"from", "2026-03-05"}, {"plan", "small"}}});
    EXPECT_EQ(done["correction"]["total_fen"], -625);
    EXPECT_EQ(lines_of(invoice()), "plan.small=1000 plan.big=-1500 account_credit=625 tax=-125 = 0");
    EXPECT_EQ(invoice()["state"], "PAID");
    const auto note = done["credit_notes"].at(0);
    EXPECT_EQ(note["net_fen"], 500);
    EXPECT_EQ(note["tax_fen"], 125);
    EXPECT_EQ(account_credit(), 625);
    EXPECT_EQ(invoice(1)["due_fen"], 1875) << "the first bill stands as it was";
    const auto chain =
        must("GET", "/admin/v1/explain/" + invoice()["id"].get<std::string>(), rig_.admin_key());
    EXPECT_EQ(chain["requests"].at(0)["reason"], "多收了");
}

TEST_P(GiveBack, AChangeAfterACorrectionCreditsWhatShouldHaveBeenBilled) {
    subscribe("small");
    advance("2026-03-08T10:00:00+08:00");
    correct({{{"from", "2026-03-05"}, {"plan", "big"}}});
    advance("2026-03-12T10:00:00+08:00");
    const auto quote = must("POST", "/api/v1/subscriptions/" + subscription() + "/quotes", admin(),
                            {{"plan", "small"}, {"effective", "now"}});
    EXPECT_EQ(quote["due_now"]["credits"].at(0)["item_code"], "plan.big");
    EXPECT_EQ(quote["due_now"]["credits"][0]["net_fen"], 1161);  // 24 of 31 days
    must("POST", "/api/v1/subscriptions/" + subscription() + "/changes", admin(),
         {{"quote_id", quote["id"]}});
    rig_.counts();
    // A second correction looks at all of it: as if it had always been small.
    correct({{{"from", "2026-03-05"}, {"plan", "small"}}});
    std::int64_t billed = 0, given = 0;
    for (const auto& row : invoices()) billed += row["total_fen"].get<std::int64_t>();
    for (const auto& note : member("/api/v1/credit-notes")["credit_notes"])
        given += note["total_fen"].get<std::int64_t>();
    EXPECT_EQ(billed - given, 1250);
}

TEST_P(GiveBack, ARaisedPriceOfAnItemIsCreditedFromTheBillsThatHaveIt) {
    subscribe("small");
    const auto dearer =
        must("POST", "/admin/v1/price-lists", rig_.admin_key(), prices(13))["id"].get<std::string>();
    must("POST", "/admin/v1/price-lists/" + dearer + "/publish", rig_.admin_key(), Json::object());
    advance("2026-03-08T10:00:00+08:00");
    correct({{{"from", "2026-03-05"}, {"price_list_id", dearer}}});
    EXPECT_EQ(lines_of(invoice()), "plan.small=300 tax=75 = 375");
    advance("2026-03-12T10:00:00+08:00");
    change({{"plan", "big"}, {"effective", "now"}});  // 24/31 of 1300 = 1006: more than either bill has of it
    std::vector<std::int64_t> nets;
    for (const auto& note : member("/api/v1/credit-notes")["credit_notes"])
        nets.push_back(note["net_fen"].get<std::int64_t>());
    std::ranges::sort(nets);
    EXPECT_EQ(nets, (std::vector<std::int64_t>{300, 706}));
}

TEST_P(GiveBack, ClosedPeriodsAreRatedAnewAndLateUsageIsNotBilledTwice) {
    subscribe("small");
    advance("2026-03-20T10:00:00+08:00");
    use("2026-03-20T08:00:00+08:00", 1000);
    advance("2026-04-12T10:00:00+08:00");
    ASSERT_EQ(lines_of(invoice()), "calls=1000 plan.small=1000 tax=500 = 2500");
    use("2026-03-20T09:00:00+08:00", 100);  // late, not billed yet
    const auto done = correct({{{"from", "2026-03-05"}, {"plan", "dear_usage"}}});
    EXPECT_EQ(lines_of(invoice()), "plan.dear_usage=2000 calls=2300 plan.small=-2000 tax=575 = 2875")
        << done.dump();
    use("2026-03-20T09:30:00+08:00", 10);
    advance("2026-05-06T10:00:00+08:00");
    EXPECT_EQ(lines_of(invoice()), "calls=0 calls.late=30 plan.dear_usage=1000 tax=258 = 1288");
}

TEST_P(GiveBack, APlanBilledInArrearsIsCorrectedToAdvanceWithThePeriodAhead) {
    subscribe("later");
    advance("2026-04-12T10:00:00+08:00");
    ASSERT_EQ(lines_of(invoice()), "plan.later=3100 calls=0 tax=775 = 3875");
    correct({{{"from", "2026-03-05"}, {"plan", "big"}}});
    EXPECT_EQ(lines_of(invoice()), "plan.big=3000 plan.later=-3100 account_credit=125 tax=-25 = 0");
    advance("2026-05-06T10:00:00+08:00");
    EXPECT_EQ(lines_of(invoice()), "calls=0 plan.big=1500 tax=375 = 1875");
}

TEST_P(GiveBack, ACorrectionThatDoesNotFitIsRefusedAtItsPlace) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    const auto path = "subscriptions/" + subscription() + "/corrections";
    const auto refused = [&](const Json& terms) { return problem_of(ask(path, {{"terms", terms}})); };
    EXPECT_EQ(refused({{{"from", "2026-03-01"}, {"plan", "big"}}}),
              "/terms/0/from: must lie between the subscription's start and today");
    EXPECT_EQ(refused({{{"from", "2026-03-13"}, {"plan", "big"}}}),
              "/terms/0/from: must lie between the subscription's start and today");
    EXPECT_EQ(
        refused({{{"from", "2026-03-05"}, {"plan", "big"}}, {{"from", "2026-03-06"}, {"plan", "none"}}}),
        "/terms/1/plan: is not a plan of the price list");
    EXPECT_EQ(refused({{{"from", "2026-03-05"}}}), "/terms/0: names nothing to correct");
    EXPECT_EQ(refused({{{"from", "2026-03-05"}, {"anchor_day", 7}}}), "/terms/0: names nothing to correct");
    EXPECT_EQ(refused(Json::array()), "/terms: must not be empty");
    EXPECT_EQ(refused({{{"from", "2026-03-05"}, {"plan", "year"}}}), "wrong_state");
    // What a note gave of the line is not given a second time.
    credit_line(invoice()["id"], {{"line", "plan.small"}, {"amount_fen", 1}});
    EXPECT_EQ(refused({{{"from", "2026-03-05"}, {"plan", "big"}}}), "wrong_state");
    EXPECT_EQ(
        ask("subscriptions/sub_unknown/corrections", {{"terms", {{{"from", "2026-03-05"}, {"plan", "big"}}}}})
            .status,
        404);
    EXPECT_EQ(invoices().size(), 1U);
}

TEST_P(GiveBack, AnApprovedCorrectionIsTheOneThatWasAskedForOrNone) {
    subscribe("small");
    advance("2026-03-12T10:00:00+08:00");
    const auto path = "subscriptions/" + subscription() + "/corrections";
    const auto first = ask(path, {{"terms", {{{"from", "2026-03-05"}, {"plan", "huge"}}}}});
    ASSERT_EQ(first.status, 202) << first.body;
    EXPECT_EQ(invoices().size(), 1U);
    correct({{{"from", "2026-03-05"}, {"plan", "big"}}});
    EXPECT_EQ(problem_of(decide(Json::parse(first.body), "approve", second_)), "conflict")
        << "it would move another amount by now";
    const auto again = ask(path, {{"terms", {{{"from", "2026-03-05"}, {"plan", "huge"}}}}});
    const auto done = decide(Json::parse(again.body), "approve", second_);
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(Json::parse(done.body)["invoice"]["due_fen"], 248'125);
}

}  // namespace
}  // namespace wefee::server::tests
