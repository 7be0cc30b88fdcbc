// Price lists that are fit to publish: a plain one, and one in which every field of the model says something.
#pragma once

#include <memory>

#include "billing/rating.hpp"

namespace wefee::testing {

inline PriceList sample_prices() {
    PriceList list;
    list.id = "prl_1";
    list.version = 3;
    list.title = "2026 价目表";
    list.effective_from = parse_day("2026-01-01").value();
    list.features = {{.code = "crm", .title = "客户管理"},
                     {.code = "archive", .title = "会话存档", .chargeable = true},
                     {.code = "calls", .title = "接口调用", .chargeable = true, .meter = "api_calls"}};
    list.modules = {
        {.code = "base", .title = "基础模块", .features = {"crm"}, .price = MicroYuan{0}},
        {.code = "archive", .title = "会话存档", .features = {"archive"}, .price = MicroYuan{120'000'000}}};
    list.meters = {{"api_calls", "接口调用", "次"},
                   {"messages", "群发消息", "条"},
                   {"storage", "存储", "GB", Aggregation::time_weighted},
                   {"minutes", "通话", "分钟"},
                   {"orders", "交易", "笔", Aggregation::count}};
    Plan plan{.code = "pro",
              .title = "专业版",
              .modules = {"base"},
              .price = MicroYuan{300'000'000},
              .included_seats = 10,
              .seat_price = MicroYuan{99'000'000}};
    plan.usage = {
        {.meter = "api_calls",
         .model = ChargeModel::graduated,
         .tiers = {{.up_to = units(1000), .unit_price = MicroYuan{100'000}},
                   {.up_to = units(5000), .unit_price = MicroYuan{80'000}},
                   {.up_to = {}, .unit_price = MicroYuan{3'500}, .flat_fee = Fen{100}}}},
        {.meter = "messages", .unit_price = MicroYuan{50'000}, .included = units(10'000), .cap = Fen{20'000}},
        {.meter = "storage",
         .model = ChargeModel::volume,
         .tiers = {{.up_to = units(100), .unit_price = MicroYuan{2'000'000}},
                   {.up_to = {}, .unit_price = MicroYuan{1'500'000}}}},
        {.meter = "minutes",
         .model = ChargeModel::package,
         .unit_price = MicroYuan{10'000'000},
         .package_size = units(60),
         .minimum = Fen{2000}},
        {.meter = "orders",
         .model = ChargeModel::percentage,
         .percentage = {.rate_ppm = 6'000, .fixed_fee = Fen{10}, .free_events = 1}},
    };
    list.plans = {plan,
                  {.code = "yearly",
                   .title = "年付版",
                   .modules = {"base", "archive"},
                   .months = 12,
                   .price = MicroYuan{3'000'000'000}}};
    list.tax_basis_points = 600;
    list.terms = {"2026-1", "服务条款"};
    list.refund_policy = "未使用天数按天退还。";
    return list;
}

/// Every field set, every kind used, every list filled.
inline PriceList full_prices() {
    auto list = sample_prices();
    list.meters[1].aggregation = Aggregation::unique;
    list.meters[1].property = "customer";
    list.meters[1].filters = {{"channel", {"group", "single"}}, {"kind", {"text"}}};
    list.meters[1].dimensions = {"department", "seat"};
    list.meters[0].aggregation = Aggregation::max;
    list.meters[3].aggregation = Aggregation::latest;
    list.meters.push_back({"stickers", "表情包", "次"});
    auto& plan = list.plans[0];
    plan.usage[0].tiers[1].package_size = units(50);
    plan.usage[0].tiers[2].cap = Fen{777'700};
    plan.usage[0].minimum = Fen{31'00};
    plan.usage[3].included = units(120);
    plan.usage[3].cap = Fen{64'500};
    plan.usage[4].percentage.event_minimum = Fen{17};
    plan.usage[4].percentage.event_maximum = Fen{9'901};
    plan.usage.push_back(
        {.meter = "stickers", .model = ChargeModel::flat, .unit_price = MicroYuan{12'345'678}});
    plan.minimum = Fen{10'000};
    plan.cap = Fen{99'999'00};
    plan.trial_days = 14;
    plan.seat_rule = SeatRule::high_water;
    plan.credits = {{"starter", "用量礼包", Fen{3'300}},
                    {"talk", "通话礼包", Fen{4'400}, {"minutes", "messages"}, false}};
    list.plans[1].timing = Timing::advance;
    list.plans[1].seat_price = MicroYuan{888'000'000};
    list.plans[1].included_seats = 25;
    list.plans.push_back(
        {.code = "licence",
         .title = "接口许可",
         .months = 12,
         .price = MicroYuan{7'700'000},
         .seat_tiers = {{.up_to = units(5), .unit_price = MicroYuan{51'000'000}, .flat_fee = Fen{123'400}},
                        {.up_to = {}, .unit_price = MicroYuan{41'000'000}}},
         .day_count = DayCount::thirty,
         .timing = Timing::advance});
    list.plans.push_back({.code = "weekly", .title = "双周付版", .weeks = 2, .price = MicroYuan{29'990'000}});
    list.one_offs = {{"setup", "实施服务", "次", MicroYuan{512'340'000}}};
    list.add_ons = {{"growth",
                     "增长包",
                     {"base", "archive"},
                     MicroYuan{111'110'000},
                     {{"boost", "加购礼包", Fen{5'500}, {"messages"}}}}};
    list.coupons = {{"loyal", "老客户", {.kind = Coupon::Kind::percent, .basis_points = 1'250}, 3},
                    {"welcome", "新客户", {.kind = Coupon::Kind::fixed, .amount = Fen{2'200}}, 0}};
    list.tax_title = "增值税";
    return list;
}

/// Late usage of a period that was on the plan "pro" of a list, which it keeps.
inline LateUsage late_usage(DaySpan period, const UsageTotal& total, Fen invoiced,
                            const PriceList& then = sample_prices()) {
    static std::vector<std::shared_ptr<const PriceList>> lists;
    lists.push_back(std::make_shared<PriceList>(then));
    LateUsage late{
        .period = period, .parts = {}, .meters = {{total.meter}}, .already = {{total.meter, invoiced}}};
    late.parts.push_back(
        {lists.back().get(), {.plan = "pro", .period = period, .full = period, .usage = {total}}});
    return late;
}

}  // namespace wefee::testing
