// A tenant's account through time: whatever is changed on whatever day, the money holds.
#include "billing/tenant_account.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "billing/error.hpp"
#include "property.hpp"

namespace wefee {
namespace {

CivilDay day(const char* text) { return parse_day(text).value(); }
MicroYuan price(std::int64_t fen) { return MicroYuan{fen * micro_yuan_per_fen}; }

std::shared_ptr<const PriceList> prices(testing::Random& random, Timing timing) {
    auto list = std::make_shared<PriceList>();
    list->id = "prl_1";
    list->version = 1;
    list->tax_basis_points = static_cast<int>(random.between(0, 1'700));
    list->modules = {{.code = "crm", .title = "客户", .price = price(random.between(0, 9'000))},
                     {.code = "mass", .title = "群发", .price = price(random.between(0, 9'000))},
                     {.code = "archive", .title = "存档", .price = price(random.between(0, 9'000))}};
    list->add_ons = {{"growth", "增长包", {"mass", "archive"}, price(random.between(0, 18'000))}};
    list->coupons = {{"tenth", "九折", {.kind = Coupon::Kind::percent, .basis_points = 1000}}};
    list->meters = {{"calls", "调用", "次"}};
    for (const auto* code : {"small", "middle", "large"})
        list->plans.push_back(
            {.code = code,
             .title = code,
             .modules = {"crm"},
             .price = price(random.between(0, 100'000)),
             .included_seats = random.between(0, 3),
             .seat_price = price(random.between(0, 9'999)),
             .usage = {{.meter = "calls", .unit_price = MicroYuan{random.between(0, 99'999)}}},
             .timing = timing});
    return list;
}

TermsWish random_wish(testing::Random& random) {
    TermsWish wish;
    constexpr std::array plans{"small", "middle", "large"};
    if (random.chance(40)) wish.plan = plans.at(static_cast<std::size_t>(random.between(0, 2)));
    if (random.chance(40)) wish.seats = random.between(0, 12);
    if (random.chance(30)) {
        wish.add_ons.emplace();
        for (const auto* code : {"mass", "archive", "growth"})
            if (random.chance(40)) wish.add_ons->emplace_back(code);
    }
    if (random.chance(10)) wish.coupons = std::vector<std::string>{"tenth"};
    if (random.chance(15)) wish.paused = random.chance(50);
    return wish;
}

UsageEvent calls(CivilDay day, Quantity quantity) {
    static std::int64_t sequence = 0;
    return {.id = std::to_string(++sequence),
            .meter = "calls",
            .quantity = quantity,
            .occurred_at = day_start(day)};
}

/// A year and more in which every day may bring usage, a change, a payment.
TenantAccount live(testing::Random& random, Timing timing, CivilDay first, int days) {
    Subscription subscription{.started_on = first};
    subscription.terms = {{.from = first,
                           .prices = prices(random, timing),
                           .plan = "small",
                           .anchor_day = static_cast<int>(random.between(1, 31))}};
    TenantAccount account{std::move(subscription)};
    for (int i = 0; i < days; ++i) {
        account.reach(add_days(first, i));
        if (random.chance(50)) account.use(calls(account.today(), units(random.between(0, 500))));
        for (int changes = random.chance(60) ? 1 : static_cast<int>(random.between(0, 3)); changes > 0;
             --changes)
            account.change(random_wish(random), random.chance(15));
        if (random.chance(20)) account.transfer(Fen{random.between(1, 50'000)});
        EXPECT_GE(account.balance(), Fen{}) << "account credit never falls below zero";
    }
    return account;
}

/// Lines add up, nothing is below zero, and no item gave back more than it was billed.
void expect_sound(const TenantAccount& account) {
    std::map<std::string, Fen> billed, credited;
    for (const auto& invoice : account.invoices()) {
        Fen sum{}, tax{};
        for (const auto& line : invoice.bill.lines) {
            sum += line.amount();
            tax += line.tax;
            if (line.kind <= LineKind::seats) billed[std::string(item_of(line.item_code))] += line.amount();
        }
        ASSERT_EQ(sum, invoice.bill.total);
        ASSERT_EQ(tax, invoice.bill.tax);
        ASSERT_GE(invoice.bill.total, Fen{});
        ASSERT_GE(invoice.due(), Fen{});
        ASSERT_LE(invoice.credit_used, invoice.bill.total);
    }
    for (const auto& note : account.credit_notes()) {
        ASSERT_GE(note.note.net, Fen{});
        ASSERT_EQ(note.note.total, note.note.net + note.note.tax);
        credited[note.item_code] += note.note.net;
    }
    for (const auto& [code, net] : credited) ASSERT_LE(net, billed[code]) << code;
}

TEST(TenantAccount, FourHundredDaysOfRandomChangesKeepTheMoneyWhole) {
    testing::for_seeds(60, [](testing::Random& random) {
        const auto timing = random.chance(50) ? Timing::advance : Timing::arrears;
        expect_sound(live(random, timing, day("2023-12-15"), 400));
    });
}

TEST(TenantAccount, ThePeriodsFollowEachOtherWithoutGapWhateverChanges) {
    testing::for_seeds(60, [](testing::Random& random) {
        const auto account = live(random, Timing::arrears, day("2024-01-31"), 400);
        auto next = day("2024-01-31");
        for (const auto& invoice : account.invoices()) {
            ASSERT_EQ(invoice.period.start, next);
            ASSERT_LT(invoice.period.start, invoice.period.end);
            next = invoice.period.end;
        }
        ASSERT_GT(next, day("2025-01-31"));
    });
}

TEST(TenantAccount, TheOrderOfUsageWithinAPeriodDoesNotMatter) {
    testing::for_seeds(100, [](testing::Random& random) {
        const auto list = prices(random, Timing::arrears);
        std::vector<UsageEvent> usage;
        for (int i = 0; i < 20; ++i)
            usage.push_back(calls(add_days(day("2024-02-01"), static_cast<int>(random.between(0, 28))),
                                  Quantity{random.between(0, 9'000'000)}));
        const auto total = [&](const std::vector<UsageEvent>& days) {
            Subscription subscription{.started_on = day("2024-02-01")};
            subscription.terms = {{.from = day("2024-02-01"), .prices = list, .plan = "small"}};
            TenantAccount account{std::move(subscription)};
            for (const auto& one : days) account.use(one);
            account.reach(day("2024-03-01"));
            return account.invoices().front().bill.total;
        };
        const auto before = total(usage);
        std::ranges::reverse(usage);
        ASSERT_EQ(total(usage), before);
    });
}

Fen billed_in_all(const TenantAccount& account) {
    Fen total{};
    for (const auto& invoice : account.invoices()) total += invoice.bill.total;
    for (const auto& note : account.credit_notes()) total -= note.note.total;
    return total;
}

/// Plans whose minimum, cap and credits look at all of a period.
std::shared_ptr<const PriceList> limited_prices(testing::Random& random, int tax_basis_points) {
    auto list =
        std::make_shared<PriceList>(*prices(random, random.chance(50) ? Timing::arrears : Timing::advance));
    list->tax_basis_points = tax_basis_points;
    list->coupons.push_back(
        {"gift", "立减", {.kind = Coupon::Kind::fixed, .amount = Fen{random.between(1, 150'000)}}});
    for (auto& plan : list->plans) {
        if (random.chance(50)) plan.minimum = Fen{random.between(0, 150'000)};
        if (random.chance(50))
            plan.cap =
                rounded(in_fen(plan.price)) + plan.minimum.value_or(Fen{}) + Fen{random.between(0, 100'000)};
        for (const auto* code : {"gift", "more"})
            if (random.chance(30))
                plan.credits.push_back(
                    {plan.code + "_" + code, code, Fen{random.between(1, 60'000)}, {}, random.chance(50)});
        if (random.chance(30)) plan.usage[0].minimum = Fen{random.between(0, 20'000)};
        if (random.chance(30))
            plan.usage[0].cap = plan.usage[0].minimum.value_or(Fen{}) + Fen{random.between(0, 50'000)};
    }
    return list;
}

/// R11: late usage ends up where it would have been, to the fen, where nothing but prices is at stake.
TEST(TenantAccount, LateUsageCostsWhatItWouldHaveCostInTime) {
    testing::for_seeds(300, [](testing::Random& random) {
        const auto list = limited_prices(random, 0);
        const auto first = Quantity{random.between(0, 900'000'000)},
                   second = Quantity{random.between(0, 900'000'000)};
        const auto other_plan = random.chance(60) ? std::optional<std::string>{"large"} : std::nullopt;
        const auto sum = [&](bool late) {
            Subscription subscription{.started_on = day("2024-02-01")};
            subscription.terms = {{.from = day("2024-02-01"), .prices = list, .plan = "small"}};
            TenantAccount account{std::move(subscription)};
            account.use(calls(day("2024-02-10"), first));
            account.reach(day("2024-02-15"));
            if (other_plan) account.change({.plan = other_plan}, false);
            if (late) account.reach(day("2024-03-05"));
            account.use(calls(day("2024-02-20"), second));
            account.reach(day("2024-04-01"));
            return billed_in_all(account);
        };
        ASSERT_EQ(sum(true), sum(false));
    });
}

/// After the end too, with coupons, tax and a budget's cap, in whatever parts it comes, taken back or not.
TEST(TenantAccount, UsageThatComesAfterTheEndCostsWhatItWouldHaveCostInTime) {
    testing::for_seeds(300, [](testing::Random& random) {
        const auto list = limited_prices(random, static_cast<int>(random.between(0, 1'700)));
        const auto cap = random.chance(30) ? std::optional{Fen{random.between(0, 200'000)}} : std::nullopt;
        std::vector<std::string> coupons;
        for (const auto* code : {"tenth", "gift"})
            if (random.chance(40)) coupons.emplace_back(code);
        std::vector<Quantity> used;
        for (int i = 0; i < 4; ++i) used.emplace_back(random.between(0, 300'000'000));
        const auto sum = [&](std::size_t in_time) {
            Subscription subscription{.started_on = day("2024-02-01"), .budget_cap = cap};
            subscription.terms = {
                {.from = day("2024-02-01"), .prices = list, .plan = "small", .coupons = coupons}};
            TenantAccount account{std::move(subscription)};
            account.reach(day("2024-02-20"));
            account.cancel(false);
            for (std::size_t i = 0; i < used.size(); ++i) {
                if (i >= in_time) account.reach(add_days(day("2024-02-22"), static_cast<int>(i / 2)));
                account.use(calls(day("2024-02-10"), used[i]));
            }
            account.reach(day("2024-03-10"));
            EXPECT_TRUE(std::ranges::all_of(account.invoices(),
                                            [](const auto& one) { return one.bill.total >= Fen{}; }));
            return billed_in_all(account);
        };
        const auto all = sum(4);
        for (std::size_t in_time = 0; in_time < 4; ++in_time) ASSERT_EQ(sum(in_time), all);
    });
}

TEST(TenantAccount, UsageThatComesAfterTheEndIsInvoicedOnceADay) {
    auto list = std::make_shared<PriceList>();
    list->meters = {{"calls", "调用", "次"}, {"storage", "存储", "GB", Aggregation::time_weighted}};
    list->plans = {{.code = "small",
                    .title = "small",
                    .usage = {{.meter = "calls", .unit_price = MicroYuan{10'000}},
                              {.meter = "storage", .unit_price = MicroYuan{1'000'000}}}}};
    const auto stores = [](const char* on, std::int64_t change) {
        auto event = calls(day(on), units(change));
        event.meter = "storage";
        return event;
    };
    Subscription subscription{.started_on = day("2024-02-01")};
    subscription.terms = {{.from = day("2024-02-01"), .prices = list, .plan = "small"}};
    TenantAccount account{std::move(subscription)};
    account.use(stores("2024-02-01", 29));
    account.cancel(true);
    account.reach(day("2024-03-05"));
    account.use(calls(day("2024-02-10"), units(3)));
    account.use(calls(day("2024-02-29"), units(4)));
    EXPECT_EQ(account.invoices().size(), 1U);
    account.reach(day("2024-03-08"));
    account.use(stores("2024-02-15", -29));
    account.reach(day("2024-04-08"));
    ASSERT_EQ(account.invoices().size(), 3U);
    const auto& late = account.invoices()[1];
    EXPECT_EQ(late.cause, IssuedInvoice::Cause::late_usage);
    EXPECT_EQ(late.day, day("2024-03-06"));
    EXPECT_EQ(late.period.start, day("2024-02-01"));
    EXPECT_EQ(late.bill.total, Fen{7});
    EXPECT_EQ(account.invoices()[2].bill.total, Fen{});
    EXPECT_EQ(account.balance(), Fen{1'500}) << "what was too much is account credit";
    EXPECT_THROW(account.use(calls(day("2024-03-01"), units(1))), Error) << "after the end nothing is used";
}

/// R11: once history is rewritten, all that was billed is what the right terms would have come to, to the
/// fen.
TEST(TenantAccount, ACorrectionLeavesWhatTheRightTermsWouldHaveBilled) {
    testing::for_seeds(100, [](testing::Random& random) {
        const auto first = day("2024-01-31");
        Subscription subscription{.started_on = first};
        subscription.terms = {
            {.from = first,
             .prices = prices(random, random.chance(50) ? Timing::advance : Timing::arrears),
             .plan = "small",
             .anchor_day = static_cast<int>(random.between(1, 31))}};
        TenantAccount account{subscription};
        std::vector<UsageEvent> events;
        for (int i = 0; i < 100; ++i) {
            account.reach(add_days(first, i));
            if (random.chance(15)) account.change(random_wish(random), random.chance(15));
            if (random.chance(70)) continue;
            events.push_back(
                calls(add_days(account.today(), -static_cast<int>(random.between(0, std::min(i, 20)))),
                      units(random.between(0, 500))));
            account.use(events.back());
        }
        std::vector<CorrectedTerms> terms;
        for (auto left = random.between(1, 3); left > 0; --left)
            terms.push_back({add_days(first, static_cast<int>(random.between(0, 99))), random_wish(random)});
        account.correct(terms);
        TenantAccount right{account.subscription()};
        std::ranges::sort(events, {}, &UsageEvent::occurred_at);
        for (const auto& event : events) {
            right.reach(civil_day(event.occurred_at));
            right.use(event);
        }
        right.reach(account.today());
        ASSERT_EQ(billed_in_all(account), billed_in_all(right));
        ASSERT_TRUE(account.correct(terms).lines.empty()) << "there is nothing left to correct";
        account.reach(add_days(first, 200));
        right.reach(add_days(first, 200));
        ASSERT_EQ(billed_in_all(account), billed_in_all(right))
            << "and it goes on as if it had always been so";
    });
}

/// R11: whatever is invoiced at thresholds, the period costs what it costs without them, coupons and tax
/// included.
TEST(TenantAccount, PartsAtThresholdsCostWhatTheWholeCosts) {
    int invoiced = 0;
    testing::for_seeds(100, [&invoiced](testing::Random& random) {
        const auto first = day("2024-01-31");
        Subscription subscription{.started_on = first};
        subscription.terms = {
            {.from = first,
             .prices = prices(random, random.chance(50) ? Timing::advance : Timing::arrears),
             .plan = "small",
             .anchor_day = static_cast<int>(random.between(1, 31))}};
        if (random.chance(50)) subscription.terms.front().coupons = {"tenth"};
        TenantAccount whole{subscription};
        subscription.thresholds =
            Thresholds{{Fen{random.between(1, 9'999)}, Fen{random.between(10'000, 99'999)}},
                       Fen{random.between(1, 99'999)}};
        TenantAccount parts{subscription};
        for (int i = 0; i < 100; ++i) {
            const bool change = random.chance(10);
            const auto wish = random_wish(random);
            const auto event = calls(add_days(first, std::max(0, i - static_cast<int>(random.between(0, 5)))),
                                     units(random.between(0, 500)));
            for (auto* account : {&whole, &parts}) {
                account->reach(add_days(first, i));
                if (change) account->change(wish, false);
                account->use(event);
            }
        }
        whole.reach(add_days(first, 200));
        parts.reach(add_days(first, 200));
        ASSERT_EQ(billed_in_all(parts), billed_in_all(whole));
        for (const auto& invoice : parts.invoices()) {
            if (invoice.cause != IssuedInvoice::Cause::threshold) continue;
            ++invoiced;
            ASSERT_GT(invoice.bill.net, Fen{});
        }
    });
    EXPECT_GT(invoiced, 100);
}

TEST(TenantAccount, NothingIsKeptOrGivenBackTwice) {
    const auto list = std::make_shared<PriceList>(
        PriceList{.id = "prl_1", .plans = {{.code = "a", .title = "a", .price = price(10'000)}}});
    Subscription subscription{.started_on = day("2025-01-01")};
    subscription.terms = {{.from = day("2025-01-01"), .prices = list, .plan = "a"}};
    TenantAccount account{subscription};
    account.reach(day("2025-02-01"));
    EXPECT_EQ(account.pay(0, Provider::alipay, Fen{10'001}).outcome, PaymentOutcome::surplus)
        << "more than is owed";
    EXPECT_EQ(account.pay(0, Provider::wechat, Fen{4'000}).outcome, PaymentOutcome::succeeded);
    EXPECT_EQ(account.pay(0, Provider::alipay, Fen{6'001}).returned, Fen{6'001});
    EXPECT_EQ(account.pay(0, Provider::alipay, Fen{6'000}).outcome, PaymentOutcome::succeeded);
    EXPECT_EQ(account.invoices()[0].state, InvoiceState::paid);
    EXPECT_THROW(account.refund(0, Fen{10'001}), Error);
    account.refund(0, Fen{4'000});
    EXPECT_EQ(account.invoices()[0].state, InvoiceState::partly_paid);
    EXPECT_EQ(account.invoices()[0].due(), Fen{4'000});
    EXPECT_EQ(account.credit(0, "plan.a", Fen{7'000}).refunded, Fen{3'000}) << "cash beyond the value kept";
    EXPECT_EQ(account.invoices()[0].due(), Fen{});
    EXPECT_THROW(account.credit(0, "plan.a", Fen{3'001}), Error)
        << "R7: never more than was billed on the line";
    account.credit(0, "plan.a", Fen{3'000}, false);
    EXPECT_EQ(account.balance(), Fen{3'000});
    EXPECT_EQ(account.invoices()[0].due(), Fen{});
}

TEST(TenantAccount, ACancelledSubscriptionIsBilledOnceMoreAndThenNeverAgain) {
    testing::for_seeds(60, [](testing::Random& random) {
        auto account =
            live(random, random.chance(50) ? Timing::advance : Timing::arrears, day("2024-01-31"), 60);
        account.cancel(random.chance(50));
        account.reach(add_days(account.today(), 70));
        const auto count = account.invoices().size();
        account.reach(add_days(account.today(), 400));
        ASSERT_EQ(account.invoices().size(), count);
        ASSERT_TRUE(account.running_cost().lines.empty());
        expect_sound(account);
    });
}

}  // namespace
}  // namespace wefee
