// Usage that comes after a subscription has ended, through HTTP: invoiced by itself, to be paid by a person.
#include "tests/server/company.hpp"

namespace wefee::server::tests {
namespace {

const Instant begin = parse_instant("2026-10-01T09:00:00+08:00").value();
using Texts = std::vector<std::string>;

Json prices() {
    return {{"title", "价目表"},
            {"effective_from", "2026-09-01"},
            {"features", {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}}}},
            {"modules",
             {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}}}},
            {"meters", {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}}}},
            {"plans",
             {{{"code", "pro"},
               {"title", "专业版"},
               {"modules", {"crm"}},
               {"price_micro_yuan", 310'000'000},
               {"minimum_fen", 40'000},
               {"usage", {{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 10'000}}}}}}},
            {"tax_basis_points", 600},
            {"terms", {{"version", "1"}, {"text", "条款"}}},
            {"refund_policy", "按天退还"}};
}

class LateBilling : public Company {
protected:
    LateBilling()
        : Company{begin, {{"admin", begin}, {"later", parse_instant("2026-11-20T09:30:00+08:00").value()}}} {
        subscribe(prices(), "pro", 0, "admin");
        const auto path = "/api/v1/subscriptions/" + rig_.column("SELECT id FROM subscription").at(0);
        const auto quote =
            must("POST", path + "/quotes", "admin", {{"cancel", true}, {"effective", "period_end"}});
        must("POST", path + "/changes", "admin", {{"quote_id", quote["id"]}});
        use("a", "2026-10-01T09:00:00+08:00", 2'000);
        advance("2026-11-03T12:00:00+08:00");
        EXPECT_EQ(rig_.column("SELECT state FROM subscription"), Texts{"ENDED"});
    }

    std::string send(const Json& event) {
        const auto row = must("POST", "/ingest/v1/events", "ingest", {{"events", {event}}})["results"][0];
        return row["result"].get<std::string>() +
               (row.contains("code") ? ":" + row["code"].get<std::string>() : "");
    }
    static Json event(const std::string& id, const std::string& at, int quantity) {
        return {
            {"id", id}, {"tenant", "ten_1"}, {"meter", "calls"}, {"quantity", quantity}, {"occurred_at", at}};
    }
    void use(const std::string& id, const std::string& at, int quantity) {
        EXPECT_EQ(send(event(id, at, quantity)), "accepted");
    }

    /// Every invoice in the order of its parts; the books hold.
    Texts bills() {
        rig_.counts();
        Texts texts;
        for (const auto& id : rig_.column("SELECT id FROM invoice ORDER BY subscription_id, cycle, part")) {
            auto text =
                rig_.column("SELECT cause || ' ' || cycle || '/' || part || ':' FROM invoice WHERE id='" +
                            id + "'")
                    .at(0);
            for (const auto& line :
                 rig_.column("SELECT item_code || '=' || amount_fen FROM invoice_line WHERE invoice_id='" +
                             id + "' ORDER BY position"))
                text += " " + line;
            texts.push_back(text);
        }
        return texts;
    }
};

constexpr const char* last_period = "period 1/0: plan.pro=31000 calls=2000 minimum=7000 tax=2400";

TEST_F(LateBilling, ADaysLateUsageIsOneInvoiceOfTheLastPeriodAndPaidByAPerson) {
    use("b", "2026-10-20T09:00:00+08:00", 4'000);
    use("c", "2026-10-31T23:00:00+08:00", 6'000);
    EXPECT_EQ(bills(), Texts{last_period});
    advance("2026-11-05T09:00:00+08:00");
    EXPECT_EQ(bills(), (Texts{last_period, "late_usage 1/1: calls.late=10000 minimum.late=-7000 tax=180"}));
    EXPECT_EQ(rig_.column("SELECT period_start || ' ' || state FROM invoice WHERE part=1"),
              Texts{"2026-10-01 FINAL"});
    EXPECT_EQ(rig_.column("SELECT COUNT(*) FROM outbox o JOIN invoice i ON i.id=o.ref_id WHERE i.part=1 AND "
                          "o.kind='payment_due'"),
              Texts{"1"});
    advance("2026-11-10T09:00:00+08:00");
    use("d", "2026-10-20T10:00:00+08:00", 1'000);
    advance("2026-11-12T09:00:00+08:00");
    EXPECT_EQ(bills().back(), "late_usage 1/2: calls.late=1000 tax=60");
}

TEST_F(LateBilling, WhatIsTakenBackBecomesAccountCredit) {
    use("b", "2026-10-20T09:00:00+08:00", 8'000);
    advance("2026-11-05T09:00:00+08:00");
    EXPECT_EQ(send({{"id", "x"}, {"tenant", "ten_1"}, {"deletes", "b"}}), "corrected");
    advance("2026-11-07T09:00:00+08:00");
    EXPECT_EQ(bills(),
              (Texts{last_period, "late_usage 1/1: calls.late=8000 minimum.late=-7000 tax=60",
                     "late_usage 1/2: calls.late=-8000 minimum.late=7000 account_credit=1000 tax=0"}));
    EXPECT_EQ(rig_.column("SELECT amount_fen FROM account_credit"), Texts{"1060"});
}

TEST_F(LateBilling, ItIsOfTheSubscriptionThatRanThenWhateverRunsNow) {
    advance("2026-11-20T09:30:00+08:00");
    must("POST", "/api/v1/subscriptions", "later",
         {{"price_list_id", rig_.column("SELECT id FROM price_list").at(0)},
          {"terms_version", "1"},
          {"plan", "pro"},
          {"seats", 0},
          {"payment_way", "manual"}});
    use("b", "2026-10-25T09:00:00+08:00", 9'000);
    use("c", "2026-11-20T09:30:00+08:00", 1'000);
    EXPECT_EQ(send(event("d", "2026-11-10T09:00:00+08:00", 1)), "rejected:no_subscription");
    EXPECT_EQ(send(event("e", "2026-10-15T09:00:00+08:00", 1)), "rejected:too_late");
    advance("2026-12-03T09:00:00+08:00");
    auto all = bills();
    EXPECT_NE(std::ranges::find(all, "late_usage 1/1: calls.late=9000 minimum.late=-7000 tax=120"),
              all.end());
    EXPECT_NE(std::ranges::find(all, "period 1/0: plan.pro=11367 calls=1000 minimum=2300 tax=880"), all.end())
        << "11 of 30 days";
}

TEST_F(LateBilling, AfterTheEndNothingIsUsed) {
    EXPECT_EQ(send(event("b", "2026-11-01T09:00:00+08:00", 1)), "rejected:no_subscription");
}

}  // namespace
}  // namespace wefee::server::tests
