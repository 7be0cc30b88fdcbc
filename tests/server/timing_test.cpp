// When fees are billed, through HTTP: in advance, in arrears, and not at all during a trial.
#include "tests/server/company.hpp"

namespace wefee::server::tests {
namespace {

const Instant begin = parse_instant("2026-10-01T09:00:00+08:00").value();

Json plan(const char* code, std::int64_t price, const Json& more) {
    Json row{{"code", code},
             {"title", code},
             {"modules", {"crm"}},
             {"price_micro_yuan", price},
             {"usage", {{{"meter", "calls"}, {"model", "per_unit"}, {"unit_price_micro_yuan", 10'000}}}}};
    row.update(more);
    return row;
}

Json prices() {
    return {
        {"title", "价目表"},
        {"effective_from", "2026-09-01"},
        {"features",
         {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}},
          {{"code", "mass"}, {"title", "群发"}, {"chargeable", true}}}},
        {"modules",
         {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}},
          {{"code", "mass"}, {"title", "群发"}, {"features", {"mass"}}, {"price_micro_yuan", 31'000'000}}}},
        {"add_ons",
         {{{"code", "growth"},
           {"title", "增长包"},
           {"modules", {"mass"}},
           {"price_micro_yuan", 40'000'000}}}},
        {"meters", {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}}}},
        {"plans",
         {plan("before", 310'000'000, {{"timing", "advance"}}), plan("after", 310'000'000, Json::object()),
          plan("tried", 310'000'000, {{"trial_days", 10}}),
          plan("tried_before", 310'000'000, {{"trial_days", 10}, {"timing", "advance"}}),
          plan("long_tried_before", 310'000'000, {{"trial_days", 40}, {"timing", "advance"}})}},
        {"tax_basis_points", 0},
        {"terms", {{"version", "1"}, {"text", "条款"}}},
        {"refund_policy", "按天退还"}};
}

class BillingTiming : public Company {
protected:
    BillingTiming() : Company{begin, {{"admin", begin}}} {}

    void subscribe(const char* code, const Json& add_ons = Json::array()) {
        Company::subscribe(prices(), code, 0, "admin", add_ons);
    }
    void use(const std::string& at, int quantity) {
        Company::use({{{"id", at},
                       {"tenant", "ten_1"},
                       {"meter", "calls"},
                       {"quantity", quantity},
                       {"occurred_at", at}}});
    }
    /// Totals of all invoices, oldest first; the books hold.
    std::vector<std::string> invoices() {
        rig_.counts();
        return rig_.column("SELECT total_fen FROM invoice ORDER BY created_at, cycle");
    }
    std::vector<std::string> items(int cycle) {
        return rig_.column(
            fmt::format("SELECT l.item_code || '=' || l.amount_fen FROM invoice_line l JOIN invoice i ON "
                        "i.id=l.invoice_id WHERE i.cycle={} ORDER BY l.position",
                        cycle));
    }
};

using Texts = std::vector<std::string>;

TEST_F(BillingTiming, InAdvanceTheFirstPeriodIsBilledAtOnceAndEachNextOneWithTheUsageBeforeIt) {
    subscribe("before");
    advance("2026-10-01T10:00:00+08:00");
    EXPECT_EQ(items(0), Texts{"plan.before=31000"});
    use("2026-10-01T09:30:00+08:00", 700);
    advance("2026-11-03T12:00:00+08:00");
    use("2026-10-05T09:30:00+08:00", 30);
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(items(1), (Texts{"calls=700", "plan.before=31000"}));
    EXPECT_EQ(items(2), (Texts{"calls=0", "calls.late=30", "plan.before=31000"}))
        << "late usage is the difference to October's own invoice";
    EXPECT_EQ(invoices(), (Texts{"31000", "31700", "31030"}));
}

TEST_F(BillingTiming, AnInvoiceOfFeesAloneIsExplainedWithoutTheUsageOfItsPeriod) {
    subscribe("before");
    advance("2026-10-01T10:00:00+08:00");
    use("2026-10-01T09:30:00+08:00", 700);
    advance("2026-11-02T12:00:00+08:00");
    std::vector<std::size_t> meters;
    for (const auto& id : rig_.column("SELECT id FROM invoice ORDER BY cycle"))
        meters.push_back(must("GET", "/admin/v1/explain/" + id, rig_.admin_key())["usage"].size());
    EXPECT_EQ(meters, (std::vector<std::size_t>{0, 1})) << "the opening, and October's calls";
}

TEST_F(BillingTiming, AnAddOnOfferAndAModuleOfItsOwnAreBilledBesideThePlanEachModuleOnce) {
    EXPECT_THROW(subscribe("after", {"nope"}), std::runtime_error);
    subscribe("after", {"mass", "growth"});
    advance("2026-11-02T12:00:00+08:00");
    EXPECT_EQ(items(1), (Texts{"plan.after=31000", "module.mass=3100", "add_on.growth=0", "calls=0"}))
        << "what it holds is paid already";
}

TEST_F(BillingTiming, FeesInAdvanceAreBilledWhenTheTrialIsOver) {
    subscribe("tried_before");
    advance("2026-10-10T23:00:00+08:00");
    EXPECT_EQ(invoices(), Texts{});
    advance("2026-10-11T00:01:00+08:00");
    EXPECT_EQ(items(0), Texts{"plan.tried_before=21000"}) << "21 of 31 days";
}

TEST_F(BillingTiming, ATrialThatEndsInALaterPeriodHasItsFeesInAdvanceBilledThenAsAPartOfThat) {
    subscribe("long_tried_before");
    advance("2026-11-02T12:00:00+08:00");
    EXPECT_EQ(invoices(), Texts{"0"}) << "October was free, and November is not billed in a trial";
    advance("2026-11-09T23:59:00+08:00");
    EXPECT_EQ(invoices(), Texts{"0"});
    advance("2026-11-10T00:01:00+08:00");
    EXPECT_EQ(
        rig_.column(
            "SELECT cycle || '/' || part || ' ' || cause || ' ' || total_fen FROM invoice WHERE part>0"),
        Texts{"2/1 opening 21700"})
        << "21 of 30 days";
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(invoices(), (Texts{"0", "21700", "31000"})) << "from then on in advance as ever";
}

TEST_F(BillingTiming, AJumpOverTheTrialsEndAndThePeriodsBillsItOnce) {
    subscribe("long_tried_before");
    advance("2027-01-03T12:00:00+08:00");
    EXPECT_EQ(rig_.column("SELECT total_fen FROM invoice ORDER BY total_fen"),
              (Texts{"0", "21700", "31000", "31000"}));
}

TEST_F(BillingTiming, HoweverFarTheClockJumpsEachPeriodIsBilledOnce) {
    subscribe("before");
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(items(0), Texts{"plan.before=31000"});
    EXPECT_EQ(rig_.column("SELECT period_start || ' ' || period_end FROM invoice WHERE cycle=0"),
              Texts{"2026-10-01 2026-11-01"});
    EXPECT_EQ(invoices().size(), 3U);
}

TEST_F(BillingTiming, AnAnchorDayChangedInMidPeriodHoldsFromTheNextPeriodOn) {
    subscribe("after");
    advance("2026-10-10T10:00:00+08:00");
    must("PATCH", "/admin/v1/tenants/ten_1", rig_.admin_key(), {{"anchor_day", 15}});
    advance("2026-11-17T12:00:00+08:00");
    EXPECT_EQ(rig_.column("SELECT period_start || ' ' || period_end FROM invoice ORDER BY cycle"),
              (Texts{"2026-10-01 2026-11-01", "2026-11-01 2026-11-15"}));
    EXPECT_EQ(invoices(), (Texts{"31000", "14000"})) << "14 of the 31 days from 15 October to 15 November";
}

TEST_F(BillingTiming, InArrearsTheFirstInvoiceComesWithThePeriodsEnd) {
    subscribe("after");
    advance("2026-10-20T10:00:00+08:00");
    EXPECT_EQ(invoices(), Texts{});
    use("2026-10-20T09:30:00+08:00", 700);
    advance("2026-11-02T12:00:00+08:00");
    EXPECT_EQ(items(1), (Texts{"plan.after=31000", "calls=700"}));
}

TEST_F(BillingTiming, DaysOfTheTrialCostNothingUsageIncludedHoweverLateItComes) {
    subscribe("tried");
    use("2026-10-01T09:00:01+08:00", 5000);
    advance("2026-10-15T10:00:00+08:00");
    use("2026-10-15T09:30:00+08:00", 700);
    advance("2026-11-03T12:00:00+08:00");
    EXPECT_EQ(items(1), (Texts{"plan.tried=21000", "calls=700"})) << "21 of 31 days";
    use("2026-10-05T09:30:00+08:00", 900);
    use("2026-10-16T09:30:00+08:00", 30);
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(items(2), (Texts{"plan.tried=31000", "calls=0", "calls.late=30"}));
    EXPECT_EQ(invoices(), (Texts{"21700", "31030"}));
}

}  // namespace
}  // namespace wefee::server::tests
