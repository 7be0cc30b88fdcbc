#include "server/flows/rate_period.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "billing/invoice_cause.hpp"
#include "billing/invoiced.hpp"
#include "billing/late_bill.hpp"
#include "billing/period.hpp"
#include "billing/subscription.hpp"
#include "billing/usage.hpp"
#include "server/app.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/stored_bill.hpp"
#include "server/flows/terms.hpp"

namespace wefee::server {
namespace {

/// A level's changes by day.
std::map<CivilDay, Quantity> changes_of(const std::string& meter,
                                        const std::vector<storage::UsageTotalRow>& rows) {
    std::map<CivilDay, Quantity> changes;
    for (const auto& row : rows)
        if (row.meter == meter) changes[row.day] = Quantity{row.quantity_micro};
    return changes;
}

/// Day totals of what is billed, summed by meter; levels weighed by time, transactions in their order.
std::vector<UsageTotal> totals_of(const PriceList& prices, const std::vector<storage::UsageTotalRow>& rows,
                                  const storage::UsageView& needed, const RatingInput& input) {
    std::map<std::string, UsageTotal> by_meter;
    const auto total_of = [&](const std::string& meter) -> UsageTotal& {
        auto& total = by_meter[meter];
        total.meter = meter;
        return total;
    };
    for (const auto& row : rows) {
        if (!is_counted(input, find_meter(prices, row.meter), row.day)) continue;
        auto& total = total_of(row.meter);
        total.quantity = total.quantity + Quantity{row.quantity_micro};
        total.events += row.events;
    }
    for (const auto& [meter, opening] : needed.levels)
        weigh(total_of(meter), Quantity{opening}, changes_of(meter, rows), input);
    for (const auto& [meter, amounts] : needed.transactions)
        for (const auto& amount : amounts)
            if (in_use(input, amount.day))
                total_of(meter).transactions.push_back(
                    round_to_fen(amount.quantity_micro, micro_yuan_per_fen));
    std::vector<UsageTotal> totals;
    for (auto& [meter, total] : by_meter)
        if (find_meter(prices, meter)) totals.push_back(std::move(total));
    return totals;
}

/// "11月30日", "11月28日–11月30日"
std::string days_text(const storage::UsageLateRow& late) {
    if (!late.first_day || !late.last_day) return {};
    const auto text = [](CivilDay day) {
        return std::to_string(static_cast<unsigned>(day.month())) + "月" +
               std::to_string(static_cast<unsigned>(day.day())) + "日";
    };
    return text(*late.first_day) + (late.first_day == late.last_day ? "" : "–" + text(*late.last_day));
}

/// Late usage is priced as each stretch of its period was.
LateUsage late_usage(const Subscription& subscription, const storage::LateView& view) {
    LateUsage late{.period = {view.invoice.period_start, view.invoice.period_end}, .parts = {}, .meters = {}};
    late.parts = stretches(subscription, late.period);
    for (auto& [prices, input] : late.parts)
        input.usage = totals_of(*prices, view.usage.totals, view.usage, input);
    for (const auto& line : view.lines)
        add_invoiced(late.already, parse_line_kind(line.kind).value(), line.item_code, line.amount_fen);
    for (const auto& row : view.late) {
        add_invoiced(late.already, row.meter, row.billed_fen);
        if (row.waits) late.meters.push_back({row.meter, days_text(row)});
    }
    return late;
}

std::vector<LateUsage> late_usage(const Subscription& subscription, const storage::PeriodView& view) {
    std::vector<LateUsage> all;
    for (const auto& late : view.late) all.push_back(late_usage(subscription, late));
    return all;
}

void add_needs(storage::PeriodNeeds& needs, const PriceList& prices, const std::string& plan_code) {
    const auto* plan = find_plan(prices, plan_code);
    if (!plan) return;
    for (const auto& charge : plan->usage) {
        const auto* meter = find_meter(prices, charge.meter);
        if (meter && meter->aggregation == Aggregation::time_weighted) needs.levels.push_back(charge.meter);
        if (charge.model == ChargeModel::percentage) needs.transactions.push_back(charge.meter);
    }
}

/// What stored terms need, and `further`.
storage::NeedsOf needs_reader(App& app, storage::PeriodNeeds further = {}) {
    return [lists = app.price_lists, further = std::move(further)](const storage::PriceListRow& list,
                                                                   const std::string& plan) {
        auto needs = further;
        add_needs(needs, *lists->parsed(list), plan);
        return needs;
    };
}

}  // namespace

io::awaitable<std::optional<storage::PeriodView>> load_rated_period(App& app, SubscriptionId id,
                                                                    std::optional<CivilDay> period_start) {
    return app.store.load_period(std::move(id), period_start, needs_reader(app));
}

io::awaitable<std::optional<storage::PeriodView>> load_rated_period(App& app, SubscriptionId id,
                                                                    CivilDay period_start,
                                                                    const Subscription& terms) {
    storage::PeriodNeeds further;
    for (const auto& one : terms.terms) add_needs(further, *one.prices, one.plan);
    return app.store.load_period(std::move(id), period_start, needs_reader(app, std::move(further)));
}

io::awaitable<std::vector<std::optional<storage::PeriodView>>> load_rated_periods(
    App& app, std::vector<SubscriptionId> ids) {
    return app.store.load_periods(std::move(ids), std::nullopt, needs_reader(app));
}

namespace {

/// What of the period costs, with its usage.
std::vector<RatingPart> period_parts(const storage::PeriodView& view, const Subscription& subscription,
                                     DaySpan period) {
    auto parts = stretches(subscription, period);
    for (auto& [prices, input] : parts) input.usage = totals_of(*prices, view.usage, view.needed, input);
    return parts;
}

RatedPeriod rate_parts(const std::vector<RatingPart>& parts, const std::vector<LateUsage>& late) {
    return parts.empty() ? RatedPeriod{} : rate(parts, late);
}

DaySpan open_period(const storage::PeriodView& view) {
    return {view.subscription.period_start, view.subscription.period_end};
}

bool is_of_the_whole_bill(const RatedLine& line) {
    return line.kind == LineKind::coupon || line.kind == LineKind::tax ||
           line.item_code == budget_cap_item() || line.item_code == account_credit_item();
}

/// Bills of the open period as one, line by line as rate() names lines: those of a later stretch carry its
/// first day, those about the whole bill do not.
RatedPeriod one_bill(std::vector<RatedPeriod> bills, const storage::PeriodView& view,
                     const Subscription& subscription) {
    if (bills.empty()) return {};
    const auto parts = stretches(subscription, open_period(view));
    const auto first = parts.empty() ? view.subscription.period_start : parts.front().input.period.start;
    for (auto& bill : bills)
        for (auto& line : bill.lines)
            if (!is_of_the_whole_bill(line) && line.period.start != first)
                line.item_code += "@" + format_day(line.period.start);
    return joined(bills, JoinBy::line);
}

RatedPeriod invoiced_at_thresholds(const storage::PeriodView& view, const Subscription& subscription) {
    std::vector<RatedPeriod> bills;
    for (const auto& [invoice, lines] : view.parts)
        if (invoice.cause == invoice_cause_name(InvoiceCause::threshold)) bills.push_back(stored_bill(lines));
    return one_bill(std::move(bills), view, subscription);
}

}  // namespace

RatingInput rating_input(PriceLists& lists, const storage::PeriodView& view, DaySpan period) {
    auto subscription = subscription_of(lists, view);
    subscription.trial = false;
    auto terms = terms_on(subscription, add_days(period.end, -1));
    terms.from = subscription.started_on;
    terms.paused = false;
    subscription.terms = {std::move(terms)};
    return period_parts(view, subscription, period).front().input;
}

RatedPeriod rate_period(PriceLists& lists, const storage::PeriodView& view, DaySpan period) {
    const auto subscription = subscription_of(lists, view);
    return rate_parts(period_parts(view, subscription, period), late_usage(subscription, view));
}

RatedPeriod rate_opening(PriceLists& lists, const storage::PeriodView& view) {
    return advance_bill(subscription_of(lists, view), view.subscription.period_start);
}

bool next_waits(const Subscription& subscription, const storage::PeriodView& view) {
    return !view.next_is_billed && on_trial(subscription, view.subscription.period_end);
}

RatedPeriod rate_closing(PriceLists& lists, const storage::PeriodView& view) {
    const auto subscription = subscription_of(lists, view);
    const auto period = open_period(view);
    auto parts = period_parts(view, subscription, period);
    leave_out_advance(parts);
    if (!view.next_is_billed && !next_waits(subscription, view))
        std::ranges::move(advance_stretches(subscription, period.end), std::back_inserter(parts));
    return less_invoiced(rate_parts(parts, late_usage(subscription, view)),
                         invoiced_at_thresholds(view, subscription));
}

std::optional<RatedPeriod> rate_threshold(PriceLists& lists, const storage::PeriodView& view) {
    const auto subscription = subscription_of(lists, view);
    if (!subscription.thresholds) return std::nullopt;
    auto parts = period_parts(view, subscription, open_period(view));
    only_metered(parts);
    return threshold_bill(*subscription.thresholds, rate_parts(parts, {}),
                          invoiced_at_thresholds(view, subscription));
}

RatedPeriod rate_unbilled(PriceLists& lists, const storage::PeriodView& view) {
    const auto subscription = subscription_of(lists, view);
    auto parts = period_parts(view, subscription, open_period(view));
    if (!view.subscription.advance_waits) leave_out_advance(parts);
    return less_invoiced(rate_parts(parts, late_usage(subscription, view)),
                         invoiced_at_thresholds(view, subscription));
}

RatedPeriod rate_closed(const Subscription& subscription, const storage::PeriodView& view, DaySpan period,
                        bool with_next) {
    auto parts = period_parts(view, subscription, period);
    leave_out_advance(parts);
    if (with_next) std::ranges::move(advance_stretches(subscription, period.end), std::back_inserter(parts));
    return rate_parts(parts, {});
}

RatedPeriod rate_late(PriceLists& lists, const storage::PeriodView& view, std::vector<RatedPeriod> invoiced) {
    const auto subscription = subscription_of(lists, view);
    return late_bill(subscription, open_period(view), late_usage(subscription, view),
                     one_bill(std::move(invoiced), view, subscription));
}

DaySpan period_from(PriceLists& lists, const storage::PeriodView& view, CivilDay start) {
    const auto& subscription = view.subscription;
    if (start == subscription.period_start) return {start, subscription.period_end};
    return wefee::period_from(subscription_of(lists, view), start);
}

namespace {

/// A JSON object printed by hand, its fields in the order given: a month's close prints twenty of them an
/// invoice.
class Printed {
public:
    Printed() { text_.reserve(320); }
    Printed& number(std::string_view name, std::int64_t value) {
        key(name);
        const fmt::format_int digits{value};
        text_.append(digits.data(), digits.size());
        return *this;
    }
    /// `value` is UTF-8.
    Printed& text(std::string_view name, std::string_view value) {
        constexpr auto plain = [](char c) {
            return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
        };
        key(name);
        if (!std::ranges::all_of(value, plain)) {
            text_ += nlohmann::json(value).dump();
            return *this;
        }
        text_ += '"';
        text_ += value;
        text_ += '"';
        return *this;
    }
    std::string take() {
        text_ += '}';
        return std::move(text_);
    }

private:
    void key(std::string_view name) {
        text_ += text_.empty() ? "{\"" : ",\"";
        text_ += name;
        text_ += "\":";
    }

    std::string text_;
};

}  // namespace

storage::InvoiceLineRow line_row(const RatedLine& line, const InvoiceId& invoice, const TenantId& tenant,
                                 std::int64_t position, const storage::PriceListRow& prices) {
    const auto& formula = line.formula;
    storage::InvoiceLineRow row;
    row.invoice_id = invoice;
    row.item_code = item_of(line.item_code);  // what a consent names; the days tell stretches apart
    row.tenant_id = tenant;
    row.position = position;
    row.kind = line_kind_name(line.kind);
    row.title = line.title;
    row.amount_fen = line.amount();
    row.already_fen = formula.already;
    row.formula = Printed{}
                      .number("unit_price_micro_yuan", formula.unit_price.count())
                      .text("unit", formula.unit)
                      .text("quantity", format_quantity(formula.quantity))
                      .text("included", format_quantity(formula.included))
                      .number("factor_num", formula.factor_num)
                      .number("factor_den", formula.factor_den)
                      .number("amount_fen", formula.amount.count())
                      .text("formula_text", formula.text)
                      .text("first_day", format_day(line.period.start))
                      .text("last_day", format_day(add_days(line.period.end, -1)))
                      .take();
    row.evidence = Printed{}
                       .text("text", line.evidence)
                       .text("price_list_id", prices.id.text())
                       .number("price_list_number", prices.number)
                       .text("price_list_hash", prices.body_hash)
                       .take();
    return row;
}

std::optional<DaySpan> days_of(const storage::InvoiceLineRow& row) {
    const auto formula = nlohmann::json::parse(row.formula);
    const auto day = [&](const char* name) {
        return formula.contains(name) ? parse_day(formula[name].get<std::string>()) : std::nullopt;
    };
    const auto first = day("first_day"), last = day("last_day");
    if (!first || !last) return std::nullopt;
    return DaySpan{*first, add_days(*last, 1)};
}

}  // namespace wefee::server
