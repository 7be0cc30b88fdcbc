// Fractions, quantities, splits, coupons, tax, running totals: the properties that hold for any numbers.
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "billing/coupons.hpp"
#include "billing/credit_note.hpp"
#include "billing/limits.hpp"
#include "billing/modules.hpp"
#include "billing/pricing.hpp"
#include "billing/seats.hpp"
#include "billing/splits.hpp"
#include "billing/tax.hpp"
#include "property.hpp"

namespace wefee {
namespace {

using testing::for_seeds;
using testing::Random;

Fen sum(std::span<const Fen> amounts) {
    return std::accumulate(amounts.begin(), amounts.end(), Fen{}, [](Fen a, Fen b) { return a + b; });
}

TEST(Fraction, IsReducedOrderedAndChecked) {
    EXPECT_EQ((Fraction{2, -4}), (Fraction{-1, 2}));
    EXPECT_LT((Fraction{1, 3}), (Fraction{1, 2}));
    EXPECT_EQ((Fraction{1, 3} + Fraction{1, 6}), (Fraction{1, 2}));
    EXPECT_EQ((Fraction{2, 3} / Fraction{4, 3}), (Fraction{1, 2}));
    EXPECT_EQ(floor_of({-1, 2}), -1);
    EXPECT_EQ(ceil_of({-1, 2}), 0);
    EXPECT_EQ(floor_of({7, 2}), 3);
    EXPECT_EQ(ceil_of({7, 2}), 4);
    EXPECT_THROW((Fraction{1, 0}), std::domain_error);
    EXPECT_THROW(Fraction{1} / Fraction{}, std::domain_error);
    const Fraction huge{std::numeric_limits<std::int64_t>::max()};
    EXPECT_THROW(huge * huge * huge, std::overflow_error);
}

TEST(Quantity, TextReadsBack) {
    for_seeds(3000, [](Random& random) {
        const Quantity quantity{random.between(-5'000'000'000'000, 5'000'000'000'000)};
        EXPECT_EQ(parse_quantity(format_quantity(quantity)), quantity);
    });
    EXPECT_EQ(parse_quantity("0.000001"), Quantity{1});
    EXPECT_EQ(format_quantity_for_people(Quantity{12'400'500'000}), "12,400.5");
    for (const auto* text :
         {"", "-", ".5", "5.", "1.0000001", "1e3", " 1", "1,000", "+1", "9223372036854.775808"})
        EXPECT_EQ(parse_quantity(text), std::nullopt) << text;
}

TEST(Splits, GiveOutEveryFenAndStayWithinOneOfTheExactShare) {
    for_seeds(3000, [](Random& random) {
        std::vector<Fen> weights(static_cast<std::size_t>(random.between(1, 12)));
        for (auto& weight : weights) weight = Fen{random.between(0, 1'000'000)};
        weights.front() += Fen{1};
        const Fen total{random.between(-5'000'000, 5'000'000)};
        const auto parts = split(total, weights);
        EXPECT_EQ(sum(parts), total);
        const auto whole = sum(weights);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto exact = Fraction{total} * Fraction{weights[i].count(), whole.count()};
            EXPECT_LT(Fraction{parts[i]} - exact, Fraction{1});
            EXPECT_LT(exact - Fraction{parts[i]}, Fraction{1});
            if (weights[i] == Fen{}) EXPECT_EQ(parts[i], Fen{});
        }
    });
}

TEST(Splits, TiesGoToTheEarlierLine) {
    const std::vector<Fen> equal(3, Fen{1});
    EXPECT_EQ(split(Fen{2}, equal), (std::vector<Fen>{Fen{1}, Fen{1}, Fen{0}}));
    EXPECT_EQ(split(Fen{-1}, equal), (std::vector<Fen>{Fen{-1}, Fen{0}, Fen{0}}));
    EXPECT_THROW(split(Fen{1}, std::vector<Fen>(2)), std::domain_error);
    EXPECT_THROW(split(Fen{1}, std::vector{Fen{2}, Fen{-1}}), std::domain_error);
}

TEST(Splits, ATransferIsAppliedOrLeftOver) {
    for_seeds(1000, [](Random& random) {
        std::vector<Fen> open(static_cast<std::size_t>(random.between(0, 6)));
        for (auto& owed : open) owed = Fen{random.between(0, 50'000)};
        const Fen payment{random.between(0, 200'000)};
        const auto spread = spread_oldest_first(payment, open);
        EXPECT_EQ(sum(spread.applied) + spread.unused, payment);
        EXPECT_EQ(sum(spread.applied) + sum(spread.left), sum(open));
        if (spread.unused > Fen{}) EXPECT_EQ(sum(spread.left), Fen{});
    });
}

TEST(Coupons, NeverTakeMoreThanThereIsAndAddUp) {
    for_seeds(2000, [](Random& random) {
        std::vector<Coupon> coupons(static_cast<std::size_t>(random.between(0, 5)));
        for (auto& coupon : coupons)
            coupon = random.chance(50)
                         ? Coupon{Coupon::Kind::percent, static_cast<int>(random.between(0, 10'000)), Fen{}}
                         : Coupon{Coupon::Kind::fixed, 0, Fen{random.between(0, 30'000)}};
        const Fen subtotal{random.between(0, 100'000)};
        const auto given = discount(subtotal, coupons);
        EXPECT_GE(given.total, Fen{});
        EXPECT_LE(given.total, subtotal);
        EXPECT_EQ(sum(given.per_coupon), given.total);
    });
}

TEST(Tax, LinesAddUpToTheTaxRoundedOnce) {
    for_seeds(2000, [](Random& random) {
        std::vector<TaxableLine> lines(static_cast<std::size_t>(random.between(1, 10)));
        Fraction exact;
        for (auto& line : lines) {
            line.amount = Fen{random.between(-20'000, 1'000'000)};
            line.discount_share = Fraction{random.between(0, 1000), random.between(1, 17)};
            line.rate_basis_points = random.chance(50) ? 600 : 2333;
            exact += (Fraction{line.amount} - line.discount_share) * rate_of(line.rate_basis_points);
        }
        const auto tax = invoice_tax(lines);
        EXPECT_EQ(tax.total, rounded(exact));
        EXPECT_EQ(sum(tax.per_line), tax.total);
    });
}

TEST(CreditNotes, CashNeverExceedsReceivedMinusKept) {
    for_seeds(2000, [](Random& random) {
        const Fen invoice{random.between(0, 100'000)};
        const Fen received{random.between(0, 120'000)};
        const Fen note{random.between(0, invoice.count())};
        const auto result = refundable(invoice, received, note);
        EXPECT_GE(result.refund, Fen{});
        EXPECT_LE(result.refund, note);
        EXPECT_EQ(result.refund + result.credit, note);
        if (result.refund > Fen{}) EXPECT_LE(result.refund, received - (invoice - note));
    });
}

TEST(CreditNotes, LowerWhatIsOwedFirstAndSplitTheRestAsR7Says) {
    for_seeds(2000, [](Random& random) {
        const Fen invoice{random.between(0, 100'000)};
        const Fen received{random.between(0, invoice.count())};
        const Fen note{random.between(0, invoice.count())};
        const auto parts = parts_of(note, invoice - received, received, true);
        EXPECT_EQ(parts.lowered + parts.cash + parts.kept, note);
        EXPECT_EQ(parts.cash, refundable(invoice, received, note).refund);
        EXPECT_EQ(parts.kept, Fen{}) << "all of it was paid in cash";
        const auto credit = parts_of(note, invoice - received, received, false);
        EXPECT_EQ(credit, (NoteParts{parts.lowered, Fen{}, parts.cash}));
    });
    EXPECT_EQ(parts_of(Fen{1000}, Fen{}, Fen{300}, true), (NoteParts{Fen{}, Fen{300}, Fen{700}}))
        << "the rest was account credit";
}

std::vector<Tier> random_tiers(Random& random) {
    std::vector<Tier> tiers(static_cast<std::size_t>(random.between(1, 5)));
    std::int64_t top = 0;
    for (auto& tier : tiers) {
        top += random.between(1, 500'000'000);
        tier = {.up_to = Quantity{top},
                .unit_price = MicroYuan{random.between(0, 3'000'000)},
                .flat_fee = Fen{random.between(0, 2000)}};
        if (random.chance(20)) tier.package_size = Quantity{random.between(1, 50'000'000)};
    }
    tiers.back().up_to.reset();
    return tiers;
}

/// R11: billed in parts, the parts cost what the whole costs, whatever the model and wherever the cuts are.
TEST(RunningTotals, SplittingAPeriodNeverChangesItsPrice) {
    for_seeds(2000, [](Random& random) {
        const auto tiers = random_tiers(random);
        const MicroYuan price{random.between(0, 3'000'000)};
        const Quantity size{random.between(1, 50'000'000)};
        const Fen cap{random.between(0, 500'000)};
        const auto price_of = [&](int model, Quantity q) {
            switch (model) {
                case 0:
                    return per_unit_fee(price, q);
                case 1:
                    return graduated_fee(tiers, q);
                case 2:
                    return volume_fee(tiers, q);
                default:
                    return package_fee(price, size, q);
            }
        };
        for (int model = 0; model < 4; ++model) {
            Quantity total{};
            Fen invoiced{};
            Fen charged{};
            const auto parts = random.between(1, 6);
            for (int part = 0; part < parts; ++part) {
                total = total + Quantity{random.between(0, 400'000'000)};
                invoiced += amount_now(price_of(model, total), invoiced);
                charged += cap_total(invoiced, charged, cap).charged;
            }
            EXPECT_EQ(invoiced, rounded(price_of(model, total))) << model;
            EXPECT_EQ(charged, std::min(cap, rounded(price_of(model, total)))) << model;
        }
    });
}

TEST(Tiers, GraduatedPartsCoverTheQuantityWithoutOverlap) {
    for_seeds(2000, [](Random& random) {
        const auto tiers = random_tiers(random);
        const Quantity quantity{random.between(0, 2'000'000'000)};
        Quantity covered{};
        Fraction amount;
        for (const auto& part : graduated_parts(tiers, quantity)) {
            EXPECT_EQ(part.above, covered);
            covered = covered + part.quantity;
            amount += part.amount;
        }
        EXPECT_EQ(covered, quantity);
        EXPECT_EQ(amount, graduated_fee(tiers, quantity));
    });
}

TEST(Tiers, ATierIsEnteredByItsFirstUnitNotByItsEdge) {
    const std::vector<Tier> tiers{{.up_to = units(10), .unit_price = MicroYuan{10'000}, .flat_fee = Fen{7}},
                                  {.up_to = {}, .unit_price = MicroYuan{10'000}, .flat_fee = Fen{100}}};
    EXPECT_EQ(graduated_fee(tiers, units(10)), Fraction{17});
    EXPECT_EQ(rounded(graduated_fee(tiers, units(10) + Quantity{1})), Fen{117});
    EXPECT_EQ(graduated_fee(tiers, Quantity{-5}), Fraction{7});
}

/// The ledger against the plain sum over days: each day costs the graduated price of that day's level.
TEST(SeatLedger, EqualsThePriceOfEachDaysLevel) {
    for_seeds(1500, [](Random& random) {
        std::vector<Tier> tiers{
            {.up_to = units(random.between(1, 6)), .unit_price = MicroYuan{random.between(0, 20'000'000)}},
            {.up_to = units(random.between(7, 15)), .unit_price = MicroYuan{random.between(0, 20'000'000)}},
            {.up_to = {}, .unit_price = MicroYuan{random.between(0, 20'000'000)}}};
        const int days = static_cast<int>(random.between(28, 31));
        auto level = random.between(0, 20);
        SeatLedger ledger(tiers, days, level);
        Fraction by_days;
        for (int left = days; left >= 1; --left) {
            if (random.chance(25)) {
                const auto added = random.between(-level, 12);
                ledger.change(added, left);
                level += added;
            }
            by_days += graduated_fee(tiers, units(level)) * Fraction{1, days};
        }
        EXPECT_EQ(ledger.exact(), by_days);
        EXPECT_EQ(ledger.level(), level);
    });
}

TEST(HighWaterMark, ChargesInAllForTheHighestLevelOnly) {
    for_seeds(500, [](Random& random) {
        HighWaterMark mark;
        Fen charged{};
        std::int64_t highest = 0;
        for (int i = 0; i < 8; ++i) {
            const auto level = random.between(0, 40);
            highest = std::max(highest, level);
            charged += mark.raise_to(level, MicroYuan{1'230'000});
        }
        EXPECT_EQ(charged, Fen{123 * highest});
    });
}

TEST(Thresholds, SeveralReachedAtOnceGiveOneInvoiceAndNothingIsInvoicedTwice) {
    for_seeds(1000, [](Random& random) {
        Thresholds thresholds{{Fen{random.between(1, 300)}}, std::nullopt};
        thresholds.once.push_back(thresholds.once.back() + Fen{random.between(1, 300)});
        if (random.chance(70)) thresholds.every = Fen{random.between(1, 900)};
        Fen total{};
        Fen invoiced{};
        for (int i = 0; i < 20; ++i) {
            const auto before = total;
            total += Fen{random.between(0, 500)};
            const auto invoice = threshold_invoice(thresholds, total, invoiced);
            invoiced += invoice;
            EXPECT_LE(invoiced, total);
            const bool reached =
                thresholds_reached(thresholds, total) > thresholds_reached(thresholds, before);
            EXPECT_EQ(invoiced == total, reached || invoiced == total);
            if (reached) EXPECT_EQ(invoiced, total);
            if (!reached) EXPECT_EQ(invoice, Fen{});
        }
    });
}

TEST(Modules, OverlapIsCreditedDayByDay) {
    const auto day = [](const char* text) { return parse_day(text).value(); };
    const DaySpan june{day("2026-06-01"), day("2026-07-01")};
    const std::vector<ModulePrice> list{{"mass", Fen{8000}}};
    // The add-on is used all month; from the 16th on a package contains it too.
    const std::vector<SelectedItem> items{
        {"package", Fen{30'000}, {"crm", "mass"}, {day("2026-06-16"), june.end}},
        {"mass", Fen{8000}, {"mass"}, june}};
    const auto charges = charge_once(items, list, june);
    EXPECT_EQ(charges[0].amount, Fen{15'000});
    EXPECT_EQ(charges[1].amount, Fen{4000});
    EXPECT_EQ(charges[1].credited, Fen{4000});
    EXPECT_EQ(charges[1].shared_days, 15);
}

TEST(Modules, SharedModulesNeverMakeAnItemNegative) {
    const auto day = [](const char* text) { return parse_day(text).value(); };
    const DaySpan june{day("2026-06-01"), day("2026-07-01")};
    const std::vector<ModulePrice> list{{"shared", Fen{50'000}}};
    const std::vector<SelectedItem> items{{"a", Fen{30'000}, {"shared"}, june},
                                          {"b", Fen{20'000}, {"own", "shared"}, june}};
    EXPECT_EQ(charge_once(items, list, june)[1].amount, Fen{});
}

}  // namespace
}  // namespace wefee
