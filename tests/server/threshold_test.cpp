// Thresholds through HTTP: what is metered is invoiced when it reaches one, once; the period's own bill has
// the rest.
#include "server/flows/thresholds.hpp"
#include "tests/bench/close/company.hpp"
#include "tests/server/company.hpp"
#include "tests/storage/database.hpp"
#include "tests/storage/faulty_engine.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::server::tests {
namespace {

using Texts = std::vector<std::string>;

const Instant begin = parse_instant("2026-03-01T09:00:00+08:00").value();

Json plan(const char* code, std::int64_t yuan, std::int64_t call_price) {
    return {{"code", code},
            {"title", code},
            {"modules", {"crm"}},
            {"price_micro_yuan", yuan * 1'000'000},
            {"usage", {{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", call_price}}}}};
}

Json prices() {
    return {{"title", "价目表"},
            {"effective_from", "2026-01-01"},
            {"features", {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}}}},
            {"modules",
             {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}}}},
            {"meters", {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}}}},
            {"plans", {plan("paid", 31, 10'000), plan("free", 0, 10'000), plan("dear", 31, 30'000)}},
            {"tax_basis_points", 1000},
            {"terms", {{"version", "1"}, {"text", "条款"}}},
            {"refund_policy", "按天退还"}};
}

std::vector<std::pair<std::string, Instant>> sessions() {
    std::vector<std::pair<std::string, Instant>> all;
    for (const std::string day : {"2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05",
                                  "2026-04-02", "2026-04-03", "2026-05-02"})
        all.emplace_back(day, parse_instant(day + "T09:00:00+08:00").value());
    return all;
}

class ThresholdInvoices : public Company {
protected:
    ThresholdInvoices() : Company{begin, sessions()} {}

    void subscribe(const char* code, const Json& thresholds) {
        Company::subscribe(prices(), code, 0, today_);
        subscription_ = rig_.column("SELECT id FROM subscription").at(0);
        set(thresholds);
    }
    Json set(const Json& thresholds) {
        return must("PUT", "/api/v1/subscriptions/" + subscription_ + "/thresholds", today_, thresholds);
    }
    void on(const std::string& day) {
        today_ = day;
        seconds_ = 0;
        pass();
    }
    /// The clock goes on by two seconds: a check that follows usage has been made.
    void pass() {
        advance(fmt::format("{}T09:00:{:02}+08:00", today_, seconds_));
        seconds_ += 2;
    }
    std::string use(int calls) {
        const auto id = "e" + std::to_string(++events_);
        Company::use({{{"id", id},
                       {"tenant", "ten_1"},
                       {"meter", "calls"},
                       {"quantity", calls},
                       {"occurred_at", today_ + "T09:00:00+08:00"}}});
        pass();
        return id;
    }
    /// cause: item=amount ... = total
    Texts bills() {
        rig_.counts();  // the books hold
        return rig_.column(
            "SELECT i.cause || ': ' || GROUP_CONCAT(l.item_code || '=' || l.amount_fen || CASE WHEN "
            "l.already_fen<>0 THEN '-' || "
            "l.already_fen ELSE '' END, ' ') || ' = ' || i.total_fen FROM (SELECT * FROM invoice_line ORDER "
            "BY position) l "
            "JOIN invoice i ON i.id=l.invoice_id GROUP BY i.id ORDER BY i.created_at, i.cycle, i.part");
    }
    Json look(const std::string& path) { return must("GET", "/api/v1/" + path, today_); }

    std::string today_ = "2026-03-01";
    std::string subscription_;
    int seconds_ = 2;
    int events_ = 0;
};

TEST_F(ThresholdInvoices, EachThresholdIsInvoicedOnceAndThePeriodsOwnBillHasTheRest) {
    subscribe("paid", {{"once_fen", {200, 500}}, {"every_fen", 1000}});
    on("2026-03-02");
    use(199);
    EXPECT_TRUE(bills().empty()) << "199 of 200 fen";
    use(1);
    EXPECT_EQ(bills(), Texts{"threshold: calls=200 tax=20 = 220"});
    EXPECT_EQ(
        rig_.column("SELECT state || ' ' || part || ' ' || period_start || ' ' || period_end FROM invoice"),
        Texts{"FINAL 1 2026-03-01 2026-04-01"});
    EXPECT_EQ(rig_.column("SELECT kind FROM outbox"), Texts{"payment_due"});
    on("2026-03-03");
    use(50);
    set({{"once_fen", {200, 500}}, {"every_fen", 1000}});
    pass();
    EXPECT_EQ(bills().size(), 1U) << "looked at again, nothing is invoiced twice";
    use(2'300);
    EXPECT_EQ(bills().back(), "threshold: calls=2350-200 tax=235-20 = 2585") << "500, 1500 and 2500 at once";
    EXPECT_EQ(look("running-cost")["total_fen"], 3'410 + 2'805) << "the whole period, invoiced or not";
    const auto part = look("invoices")["invoices"][0];
    EXPECT_EQ(part["cause"], "threshold");
    EXPECT_EQ(look("explain/" + part["id"].get<std::string>())["usage"]["calls"]["days"].size(), 2U);
    EXPECT_EQ(look("invoices/" + part["id"].get<std::string>())["lines"][0]["already_fen"], 200);
    EXPECT_EQ(look("analysis?by=meter&from=2026-03-01&to=2026-04-01")["total_fen"], 3'410 + 2'805)
        << "no fen twice";
    on("2026-03-04");
    use(50);
    on("2026-04-02");
    EXPECT_EQ(bills(),
              (Texts{"threshold: calls=200 tax=20 = 220", "threshold: calls=2350-200 tax=235-20 = 2585",
                     "period: plan.paid=3100 calls=50-2550 tax=315-255 = 3465"}));
    EXPECT_EQ(look("analysis?by=meter&from=2026-03-01&to=2026-04-01")["total_fen"], 3'410 + 2'860);
}

TEST_F(ThresholdInvoices, LateUsageIsTheDifferenceToAllThatWasInvoiced) {
    subscribe("paid", {{"every_fen", 100}});
    on("2026-03-02");
    use(150);
    on("2026-03-03");
    use(30);
    on("2026-04-02");
    EXPECT_EQ(bills().back(), "period: plan.paid=3100 calls=30-150 tax=313-15 = 3443");
    Company::use({{{"id", "late"},
                   {"tenant", "ten_1"},
                   {"meter", "calls"},
                   {"quantity", 7},
                   {"occurred_at", "2026-03-04T09:00:00+08:00"}}});
    pass();
    EXPECT_EQ(bills().size(), 2U) << "it waits for the next bill";
    on("2026-05-02");
    EXPECT_EQ(bills().back(), "period: plan.paid=3100 calls=0 calls.late=7-180 tax=311 = 3418");
}

TEST_F(ThresholdInvoices, WhatIsTakenBackAfterItWasInvoicedBecomesAccountCreditThatPaysTheNextInvoice) {
    subscribe("free", {{"once_fen", {100}}, {"every_fen", 100}});
    on("2026-03-02");
    const auto event = use(300);
    use(20);
    must("POST", "/ingest/v1/events", "ingest",
         {{"events", {{{"id", "less"}, {"corrects", event}, {"tenant", "ten_1"}, {"quantity", 40}}}}});
    pass();
    EXPECT_EQ(bills(), Texts{"threshold: calls=300 tax=30 = 330"});
    on("2026-04-02");
    EXPECT_EQ(bills().back(), "period: plan.free=0 calls=-240-300 account_credit=240 tax=0-30 = 0");
    EXPECT_EQ(look("credit-notes")["account_credit_fen"], 264);
    EXPECT_EQ(look("credit-notes")["credit_notes"][0]["tax_fen"], 24);
    on("2026-04-03");
    use(200);
    EXPECT_EQ(bills().back(), "threshold: calls=200 tax=20 = 220");
    EXPECT_EQ(rig_.column("SELECT state FROM invoice WHERE cycle=2"), Texts{"PAID"});
    EXPECT_EQ(look("credit-notes")["account_credit_fen"], 44);
}

TEST_F(ThresholdInvoices, AChangeKeepsWhatWasInvoicedAndItsOwnPricesReachThresholdsToo) {
    subscribe("paid", {{"once_fen", {100}}, {"every_fen", 100}});
    on("2026-03-02");
    use(150);
    on("2026-03-03");
    use(40);
    const auto path = "/api/v1/subscriptions/" + subscription_;
    const auto quoted = must("POST", path + "/quotes", today_, {{"plan", "dear"}, {"effective", "now"}});
    must("POST", path + "/changes", today_, {{"quote_id", quoted["id"]}});
    pass();
    EXPECT_EQ(bills().back(), "threshold: calls=0-150 calls=120 tax=12-15 = 132")
        << "today's calls are dearer now";
    on("2026-04-02");
    EXPECT_EQ(bills().back(),
              "period: plan.paid=200 calls=0-150 plan.dear=2900 calls=0-120 tax=310-27 = 3410");
}

TEST_F(ThresholdInvoices, UsageOfTheGraceIsLookedAtOnceItsPeriodIsOpen) {
    subscribe("paid", {{"once_fen", {100}}});
    advance("2026-04-01T00:10:00+08:00");
    Company::use({{{"id", "next"},
                   {"tenant", "ten_1"},
                   {"meter", "calls"},
                   {"quantity", 100},
                   {"occurred_at", "2026-04-01T00:05:00+08:00"}}});
    advance("2026-04-01T00:20:00+08:00");
    EXPECT_TRUE(bills().empty());
    on("2026-04-02");
    EXPECT_EQ(bills(),
              (Texts{"period: plan.paid=3100 calls=0 tax=310 = 3410", "threshold: calls=100 tax=10 = 110"}));
}

TEST_F(ThresholdInvoices, TheyAreSetShownAndEnded) {
    Company::subscribe(prices(), "paid", 0, today_);
    subscription_ = rig_.column("SELECT id FROM subscription").at(0);
    EXPECT_EQ(look("subscriptions")["subscriptions"][0]["thresholds"], Json{});
    on("2026-03-02");
    use(150);
    const auto shown = set({{"once_fen", {100, 400}}})["thresholds"];
    EXPECT_EQ(shown, (Json{{"once_fen", {100, 400}}, {"every_fen", nullptr}}));
    EXPECT_EQ(look("subscriptions")["subscriptions"][0]["thresholds"], shown);
    pass();
    EXPECT_EQ(bills(), Texts{"threshold: calls=150 tax=15 = 165"}) << "what was metered already counts";
    EXPECT_EQ(set(Json::object())["thresholds"], Json{});
    on("2026-03-03");
    use(900);
    EXPECT_EQ(bills().size(), 1U) << "they are over";
    on("2026-04-02");
    EXPECT_EQ(bills().back(), "period: plan.paid=3100 calls=900-150 tax=400-15 = 4400");
}

TEST_F(ThresholdInvoices, MistakesAreNamed) {
    Company::subscribe(prices(), "paid", 0, today_);
    const auto path =
        "/api/v1/subscriptions/" + rig_.column("SELECT id FROM subscription").at(0) + "/thresholds";
    const auto pointer = [&](const char* body) {
        const auto reply = rig_.call("PUT", path, today_, body);
        EXPECT_EQ(reply.status, 400) << reply.body;
        return Json::parse(reply.body)["errors"][0]["pointer"].get<std::string>();
    };
    EXPECT_EQ(pointer(R"({"once_fen":[0]})"), "/once_fen/0");
    EXPECT_EQ(pointer(R"({"once_fen":[5,5]})"), "/once_fen/1");
    EXPECT_EQ(pointer(R"({"once_fen":[5,"6"]})"), "/once_fen/1");
    EXPECT_EQ(pointer(R"({"every_fen":0})"), "/every_fen");
    EXPECT_EQ(pointer(R"({"at_fen":[5]})"), "/at_fen");
    EXPECT_EQ(rig_.call("PUT", "/api/v1/subscriptions/sub_x/thresholds", today_, R"({"every_fen":5})").status,
              404);
}

/// The check by itself, on both engines.
class ThresholdCheck : public ::testing::TestWithParam<wefee::tests::Kind> {
protected:
    ThresholdCheck() {
        auto store = database.open();
        auto founding = bench::company_founding(0, {.deducted = false});
        task = threshold_check_of(
            std::get<storage::RowChanges<storage::SubscriptionRow>>(founding.rows).inserts.at(0), now);
        wefee::tests::wait(store->commit(bench::price_list_founding()));
        wefee::tests::wait(store->commit(std::move(founding)));
        for (const auto& total : bench::company_usage(0, {}))
            database.execute(
                fmt::format("INSERT INTO usage_total (tenant_id, meter, period_start, day, quantity_micro, "
                            "events) VALUES "
                            "('{}', '{}', '{}', '{}', {}, 40)",
                            total.tenant_id.text(), total.meter, format_day(total.period_start),
                            format_day(total.day), total.quantity_micro));
        database.execute(R"(UPDATE subscription SET thresholds='{"once_fen":[1],"every_fen":1000}')");
    }
    void expect_one_invoice(storage::Store& store) {
        EXPECT_EQ(database.query("SELECT cause, part, COUNT(*) FROM invoice GROUP BY cause, part"),
                  Texts{"threshold|1|1"});
        for (const auto& broken : wefee::tests::wait(store.check_invariants(now, Fen{100'000'000})))
            ADD_FAILURE() << broken.number;
    }

    const Instant now = at_local(std::chrono::year{2026} / 10 / 20, std::chrono::hours{9});
    wefee::tests::Database database{GetParam()};
    storage::TaskRow task;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, ThresholdCheck, ::testing::Values(wefee::tests::Kind::sqlite));
INSTANTIATE_TEST_SUITE_P(Mysql, ThresholdCheck, ::testing::Values(wefee::tests::Kind::mariadb));

TEST_P(ThresholdCheck, SeveralAtOnceInvoiceOnce) {
    auto options = database.options();
    options.writers = 2;
    auto store = database.open(options);
    wefee::tests::StandingApp at{*store, now};
    std::vector<std::function<io::awaitable<void>()>> checks(4,
                                                             [&] { return check_thresholds(at.app, task); });
    wefee::tests::run_all(checks, 2);
    expect_one_invoice(*store);
}

TEST_P(ThresholdCheck, ARepeatAfterALostAnswerInvoicesNothingAgain) {
    auto faults = std::make_shared<wefee::tests::Faults>();
    faults->at_commit = [&faults](int) {
        faults->away = true;
        return wefee::tests::AtCommit::made_but_unknown;
    };
    auto store = storage::Store::open_on(wefee::tests::make_faulty(database.engine(), faults),
                                         database.options(), false);
    wefee::tests::StandingApp first{*store, now};
    EXPECT_THROW(wefee::tests::wait(check_thresholds(first.app, task)), storage::Unavailable);
    store->close();
    store.reset();
    store = database.open();
    wefee::tests::StandingApp at{*store, now};
    wefee::tests::wait(check_thresholds(at.app, task));
    expect_one_invoice(*store);
}

TEST_P(ThresholdCheck, APeriodThatIsOverWaitsForItsOwnBill) {
    auto store = database.open();
    wefee::tests::StandingApp at{*store, day_start(bench::period_end)};
    wefee::tests::wait(check_thresholds(at.app, task));
    EXPECT_EQ(database.query("SELECT COUNT(*) FROM invoice"), Texts{"0"});
}

}  // namespace
}  // namespace wefee::server::tests
