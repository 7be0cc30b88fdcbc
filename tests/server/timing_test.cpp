// When fees are billed, through HTTP: in advance, in arrears, and not at all during a trial.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/http/credentials.hpp"
#include "tests/server/rig.hpp"

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
    return {{"title", "价目表"},
            {"effective_from", "2026-09-01"},
            {"features", {{{"code", "crm"}, {"title", "客户"}, {"chargeable", true}}}},
            {"modules", {{{"code", "crm"}, {"title", "客户"}, {"features", {"crm"}}, {"price_micro_yuan", 1'000'000}}}},
            {"meters", {{{"code", "calls"}, {"title", "调用"}, {"unit", "次"}}}},
            {"plans", {plan("before", 310'000'000, {{"timing", "advance"}}), plan("after", 310'000'000, Json::object()),
                       plan("tried", 310'000'000, {{"trial_days", 10}}),
                       plan("tried_before", 310'000'000, {{"trial_days", 10}, {"timing", "advance"}})}},
            {"tax_basis_points", 0},
            {"terms", {{"version", "1"}, {"text", "条款"}}},
            {"refund_policy", "按天退还"}};
}

class BillingTiming : public ::testing::Test {
protected:
    BillingTiming() : rig_{begin} {
        rig_.worker = true;
        rig_.seed([](storage::Store& store) -> io::awaitable<void> {
            storage::Changes changes;
            changes.op_id = "seed";
            storage::TenantRow tenant;
            tenant.id = TenantId{"ten_1"};
            tenant.corp_id = "wpcorp1";
            tenant.name = "星河教育";
            tenant.created_at = begin;
            changes.insert(tenant);
            co_await store.commit(std::move(changes));
            co_await store.put_session({token_hash("admin"), TenantId{"ten_1"}, MemberId{"mem_1"}, "billing_admin", "",
                                        begin, begin, begin + std::chrono::hours{1}});
            co_await store.put_api_key({token_hash("ingest"), "scrm", "ingest", "", "", begin, std::nullopt});
        });
        rig_.start(all_providers(rig_));
    }

    Json must(std::string_view method, const std::string& target, const std::string& token, const Json& body = {}) {
        const auto reply = rig_.call(method, target, token, body.is_null() ? "" : body.dump());
        if (reply.status / 100 != 2)
            throw std::runtime_error(fmt::format("{} {}: {} {}", method, target, reply.status, reply.body));
        return Json::parse(reply.body);
    }
    void advance(const std::string& to) { must("POST", "/admin/v1/test-clock", rig_.admin_key(), {{"to", to}}); }
    void subscribe(const char* code) {
        const auto list = must("POST", "/admin/v1/price-lists", rig_.admin_key(), prices())["id"].get<std::string>();
        must("POST", "/admin/v1/price-lists/" + list + "/publish", rig_.admin_key(), Json::object());
        must("POST", "/api/v1/subscriptions", "admin",
             {{"price_list_id", list}, {"terms_version", "1"}, {"plan", code}, {"seats", 0}, {"payment_way", "manual"}});
    }
    void use(const std::string& at, int quantity) {
        const Json event{{"id", at}, {"tenant", "ten_1"}, {"meter", "calls"}, {"quantity", quantity}, {"occurred_at", at}};
        const auto answer = must("POST", "/ingest/v1/events", "ingest", {{"events", {event}}});
        ASSERT_EQ(answer["results"][0]["result"], "accepted") << answer.dump();
    }
    /// Totals of all invoices, oldest first; the books hold.
    std::vector<std::string> invoices() {
        rig_.counts();
        return rig_.column("SELECT total_fen FROM invoice ORDER BY created_at, cycle");
    }
    std::vector<std::string> items(int cycle) {
        return rig_.column(fmt::format("SELECT l.item_code || '=' || l.amount_fen FROM invoice_line l JOIN invoice i ON "
                                       "i.id=l.invoice_id WHERE i.cycle={} ORDER BY l.position", cycle));
    }

    Rig rig_;
};

using Texts = std::vector<std::string>;

TEST_F(BillingTiming, InAdvanceTheFirstPeriodIsBilledAtOnceAndEachNextOneWithTheUsageBeforeIt) {
    subscribe("before");
    advance("2026-10-01T10:00:00+08:00");
    EXPECT_EQ(items(0), Texts{"plan.before=31000"});
    use("2026-10-01T09:30:00+08:00", 700);
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(items(1), (Texts{"calls=700", "plan.before=31000"}));
    EXPECT_EQ(items(2), (Texts{"calls=0", "plan.before=31000"}));
    EXPECT_EQ(invoices(), (Texts{"31000", "31700", "31000"}));
}

TEST_F(BillingTiming, FeesInAdvanceAreBilledWhenTheTrialIsOver) {
    subscribe("tried_before");
    advance("2026-10-10T23:00:00+08:00");
    EXPECT_EQ(invoices(), Texts{});
    advance("2026-10-11T00:01:00+08:00");
    EXPECT_EQ(items(0), Texts{"plan.tried_before=21000"}) << "21 of 31 days";
}

TEST_F(BillingTiming, HoweverFarTheClockJumpsEachPeriodIsBilledOnce) {
    subscribe("before");
    advance("2026-12-02T12:00:00+08:00");
    EXPECT_EQ(items(0), Texts{"plan.before=31000"});
    EXPECT_EQ(rig_.column("SELECT period_start || ' ' || period_end FROM invoice WHERE cycle=0"), Texts{"2026-10-01 2026-11-01"});
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
