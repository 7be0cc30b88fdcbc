// Consent cover to the fen, and what asks for a new consent.
#include "billing/consent.hpp"

#include <gtest/gtest.h>

namespace wefee {
namespace {

using namespace std::chrono_literals;

Consent granted() {
    Consent consent;
    consent.provider = Provider::wechat;
    consent.account = "微信支付";
    consent.items = {{.code = "plan.pro", .unit_price = MicroYuan{300'000'000}, .ceiling = Fen{30'000}},
                     {.code = "usage", .unit_price = MicroYuan{50'000}, .ceiling = Fen{5000}},
                     {.code = "usage.cap", .ceiling = Fen{}}};
    consent.cap_charge = Fen{36'000};
    consent.cap_cycle = Fen{40'000};
    consent.valid_from = Instant{} + 10h;
    consent.valid_to = Instant{} + 20h;
    return consent;
}

const std::vector<CoverLine> lines{{"plan.pro", MicroYuan{300'000'000}, Fen{30'000}},
                                   {"usage", MicroYuan{50'000}, Fen{5000}}};
const Instant in_time = Instant{} + 15h;

std::vector<CoverProblem> problems(const Cover& cover) {
    std::vector<CoverProblem> list;
    for (const auto& blocked : cover.blocked) list.push_back(blocked.problem);
    return list;
}

TEST(Cover, IsGivenToTheFen) {
    const auto cover = covers(granted(), lines, Fen{35'000}, Fen{5000}, in_time);
    EXPECT_TRUE(cover.ok);
    EXPECT_EQ(cover.automatic, Fen{35'000});
    EXPECT_EQ(cover.manual, Fen{});
}

TEST(Cover, OneItemAboveItsCeilingBlocksTheWholeInvoice) {
    auto above = lines;
    above[1].amount = Fen{5001};
    const auto cover = covers(granted(), above, Fen{35'001}, Fen{}, in_time);
    EXPECT_FALSE(cover.ok);
    EXPECT_EQ(cover.automatic, Fen{});
    EXPECT_EQ(cover.manual, Fen{35'001});
    EXPECT_EQ(cover.items_needing_consent, (std::vector<std::string>{"usage"}));
    EXPECT_EQ(cover.blocked[0].wanted, 5001);
    EXPECT_EQ(cover.blocked[0].allowed, 5000);
}

TEST(Cover, EachReasonBlocksByItself) {
    const auto with = [](auto change) {
        auto changed = lines;
        change(changed);
        return problems(covers(granted(), changed, Fen{35'000}, Fen{}, in_time));
    };
    using enum CoverProblem;
    EXPECT_EQ(with([](auto& l) { l[0].code = "plan.max"; }), (std::vector{item_not_consented}));
    EXPECT_EQ(with([](auto& l) { l[1].unit_price = MicroYuan{50'001}; }), (std::vector{unit_price_above}));
    EXPECT_EQ(problems(covers(granted(), lines, Fen{36'001}, Fen{}, in_time)),
              (std::vector{above_charge_cap}));
    EXPECT_EQ(problems(covers(granted(), lines, Fen{35'000}, Fen{5001}, in_time)),
              (std::vector{above_cycle_cap}));
    EXPECT_EQ(problems(covers(granted(), lines, Fen{35'000}, Fen{}, Instant{} + 10h - 1ms)),
              (std::vector{not_yet_valid}));
    EXPECT_EQ(problems(covers(granted(), lines, Fen{35'000}, Fen{}, Instant{} + 20h)),
              (std::vector{no_longer_valid}));
    EXPECT_EQ(problems(covers(granted(), lines, Fen{}, Fen{}, in_time)), (std::vector{nothing_to_collect}));
}

TEST(Cover, AnItemOnTwoLinesIsHeldToItsCeilingAsOne) {
    auto split = lines;
    split.push_back(lines.front());
    split.back().code += "@2026-11-16";
    split.front().amount = split.back().amount = Fen{lines.front().amount.count() / 2};
    EXPECT_TRUE(covers(granted(), split, Fen{35'000}, Fen{}, in_time).ok);
    split.back().amount = lines.front().amount;
    EXPECT_FALSE(covers(granted(), split, Fen{35'000}, Fen{}, in_time).ok);
}

TEST(Cover, CreditsNeedOnlyToBeNamed) {
    auto credited = lines;
    credited.push_back({"usage.cap", {}, Fen{-100}});
    EXPECT_TRUE(covers(granted(), credited, Fen{34'900}, Fen{}, in_time).ok);
    credited.back().code = "gift";
    EXPECT_FALSE(covers(granted(), credited, Fen{34'900}, Fen{}, in_time).ok);
}

TEST(NewConsent, AnythingAddedOrRaisedAsksAgain) {
    const auto asks = [](auto change) {
        auto next = granted();
        change(next);
        return needs_new_consent(granted(), next);
    };
    EXPECT_FALSE(asks([](Consent&) {}));
    EXPECT_TRUE(asks([](Consent& c) { c.items.push_back({.code = "new"}); }));
    EXPECT_TRUE(asks([](Consent& c) { c.items[0].unit_price = MicroYuan{300'000'001}; }));
    EXPECT_TRUE(asks([](Consent& c) { c.items[1].ceiling = Fen{5001}; }));
    EXPECT_TRUE(asks([](Consent& c) { c.cap_charge = Fen{36'001}; }));
    EXPECT_TRUE(asks([](Consent& c) { c.cap_cycle = Fen{40'001}; }));
    EXPECT_TRUE(asks([](Consent& c) { c.provider = Provider::alipay; }));
    EXPECT_TRUE(asks([](Consent& c) { c.account = "另一账户"; }));
    EXPECT_TRUE(asks([](Consent& c) { c.valid_to.reset(); }));
    EXPECT_TRUE(asks([](Consent& c) { c.valid_to = Instant{} + 21h; }));
}

TEST(NewConsent, LoweredOrRemovedIsOnlyTold) {
    const auto told = [](auto change) {
        auto next = granted();
        change(next);
        const auto result = compare(granted(), next);
        return result.needs_notice && !result.needs_consent;
    };
    EXPECT_TRUE(told([](Consent& c) { c.items.pop_back(); }));
    EXPECT_TRUE(told([](Consent& c) { c.items[0].unit_price = MicroYuan{1}; }));
    EXPECT_TRUE(told([](Consent& c) { c.items[0].ceiling = Fen{1}; }));
    EXPECT_TRUE(told([](Consent& c) { c.cap_charge = Fen{1}; }));
    EXPECT_TRUE(told([](Consent& c) { c.cap_cycle = Fen{1}; }));
    const auto same = compare(granted(), granted());
    EXPECT_FALSE(same.needs_notice || same.needs_consent);
}

TEST(Cover, TakesLinesFromARatedPeriod) {
    RatedPeriod rated;
    rated.lines.resize(1);
    rated.lines[0].item_code = "plan.pro";
    rated.lines[0].formula.unit_price = MicroYuan{7};
    rated.lines[0].formula.amount = Fen{9};
    const auto taken = cover_lines(rated);
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].code, "plan.pro");
    EXPECT_EQ(taken[0].unit_price, MicroYuan{7});
    EXPECT_EQ(taken[0].amount, Fen{9});
}

}  // namespace
}  // namespace wefee
