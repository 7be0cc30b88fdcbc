#include "server/flows/change_decision.hpp"

#include <algorithm>

#include "billing/splits.hpp"
#include "billing/usage.hpp"
#include "server/app.hpp"
#include "server/flows/correction.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/stored_bill.hpp"
#include "server/flows/terms.hpp"
#include "server/http/body.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t one_offs_max = 50;
constexpr std::int64_t one_off_quantity_max = 1'000'000;

using storage::PeriodView;

ChangeTime read_time(ObjectReader& reader) {
    const auto text = reader.optional_text("effective", 16);
    if (!text) return ChangeTime::automatic;
    if (*text != "now" && *text != "period_end") reader.problem("effective", "must be now or period_end");
    return *text == "now" ? ChangeTime::now : ChangeTime::period_end;
}

/// The period of a day that is not before the open one, and how many periods it lies after that.
struct Holding {
    DaySpan period;
    std::int64_t after = 0;
};
Holding holding_of(const Subscription& subscription, const storage::SubscriptionRow& row, CivilDay day) {
    if (day < row.period_end) return {{row.period_start, row.period_end}, 0};
    const auto next = period_from(subscription, row.period_end);
    if (day >= next.end)
        throw Error(Errc::wrong_state,
                    "the period up to " + format_day(row.period_end) + " is not billed yet: try again later");
    return {next, 1};
}

bool bills_ahead(const storage::InvoiceRow& invoice, std::int64_t cycle) {
    return invoice.part == 0 && invoice.cycle == cycle - 1;  // the opening invoice is that of cycle 0
}

/// The newest correction of what was billed in advance for the period.
const storage::CorrectionRow* correction_of(const storage::BilledView& billed, std::int64_t cycle) {
    const storage::CorrectionRow* newest = nullptr;
    for (const auto& correction : billed.corrections)
        if (correction.cycle == cycle && !correction.advance.empty()) newest = &correction;
    return newest;
}

/// What was billed in advance for the period and not given back yet.
std::vector<BilledItem> billed_items(const storage::BilledView& billed, std::int64_t cycle, CivilDay start) {
    std::vector<BilledItem> items;
    const auto* correction = correction_of(billed, cycle);
    if (correction) items = read_advance(correction->advance);
    const auto corrected_up_to = correction ? correction->after_part : 0;
    for (const auto& [invoice, lines] : billed.bills) {
        if (bills_ahead(invoice, cycle) && !correction) items = billed_in_advance(stored_bill(lines), start);
        if (invoice.cycle == cycle && invoice.part > corrected_up_to) add_billed(items, stored_bill(lines));
    }
    for (const auto& note : billed.credit_notes)
        if (note.cycle == cycle) take_credit(items, note.item_code, note.gross_fen);
    return items;
}

/// Where the period's advance is not billed yet, its own bill has the change in it.
BilledWith billed_with(const ChangeGround& ground, const ChangeDecision& decision) {
    const auto& row = ground.view.subscription;
    if (row.advance_waits && decision.cycle == row.cycle) return BilledWith::opening;
    const bool waits = decision.cycle > row.cycle && !ground.view.next_is_billed;
    return waits ? BilledWith::period : BilledWith::change;
}

/// A whole period on the terms of that day, before coupons and usage.
Fen fixed_price(const Subscription& subscription, CivilDay day) {
    auto terms = terms_on(subscription, day);
    const auto full = full_period(day, anchor_of(subscription, terms));
    std::int64_t seats = 0;
    for (const auto& level : subscription.seats)
        if (level.day <= day) seats = level.seats;
    terms.from = std::min(full.start, subscription.started_on);
    terms.coupons.clear();
    return whole_period({.started_on = subscription.started_on,
                         .trial = false,
                         .terms = {terms},
                         .seats = {{terms.from, seats}}},
                        full, {})
        .total;
}

/// A cheaper plan, fewer seats and a cancellation wait for what is paid to be used up.
bool waits_by_itself(const ChangeDecision& decision, const ChangeWish& wish, CivilDay today) {
    if (wish.cancel) return true;
    const auto after = changed(decision.before, wish.terms, today);
    const auto months = [&](const Subscription& one) { return months_of(plan_on(one, today)); };
    return Fraction{fixed_price(after, today)} * months(decision.before) <
           Fraction{fixed_price(decision.before, today)} * months(after);
}

bool counts_by_the_whole_period(Aggregation aggregation) {
    return aggregation == Aggregation::unique || aggregation == Aggregation::max ||
           aggregation == Aggregation::latest;
}

/// A meter must count in one way within a period.
void check_meters(const ChangeGround& ground, const ChangeDecision& decision) {
    const auto& old_list = *terms_on(decision.before, decision.day).prices;
    const auto& new_list = *terms_on(decision.after, decision.day).prices;
    for (const auto& row : ground.usage) {
        const auto* meter = find_meter(old_list, row.meter);
        if (!decision.at_period_end && !counts_alike(meter, find_meter(new_list, row.meter)))
            throw Error(Errc::invalid_value, "",
                        {{"/price_list_id",
                          "counts " + row.meter + " in another way: move at the end of the period"}});
        const bool moves = row.day >= decision.settled.period.end && row.day < decision.holding.end;
        if (moves && meter && counts_by_the_whole_period(meter->aggregation))
            throw Error(Errc::wrong_state,
                        "usage of " + row.meter + " on " + format_day(row.day) +
                            " belongs to the period that this "
                            "change would end: change tomorrow, or at the end of the period");
    }
}

/// Days that other changes have settled stay as they are.
void check_day(const PeriodView& view, const ChangeDecision& decision, CivilDay day) {
    if (day < view.subscription.period_start || day < decision.holding.start)
        throw Error(Errc::invalid_value, "", {{"/day", "lies in a period that is closed"}});
    const bool before_terms =
        std::ranges::any_of(decision.before.terms, [&](const auto& terms) { return day < terms.from; });
    const bool before_seats =
        std::ranges::any_of(decision.before.seats, [&](const auto& level) { return day < level.day; });
    if (before_terms || before_seats)
        throw Error(Errc::invalid_value, "", {{"/day", "lies before the last change"}});
}

void use_account_credit(ChangeDecision& decision, const PeriodView& view) {
    if (view.credit) decision.credit_before = view.credit->amount_fen;
    const auto& bill = decision.settled.bill;
    const auto use = use_credit(decision.credit_before + bill.credit_total, bill.charge.total);
    decision.credit_used = bill.charge.total - use.due;
    decision.credit_after = use.credit_left;
}

std::vector<OneOffOrder> read_one_offs(ObjectReader& reader) {
    std::vector<OneOffOrder> orders;
    const auto* rows = reader.optional_array("one_offs", one_offs_max);
    if (rows && rows->empty()) reader.problem("one_offs", "names nothing to order");
    for (std::size_t i = 0; rows && i < rows->size(); ++i) {
        ObjectReader row{(*rows)[i], reader.pointer("one_offs") + "/" + std::to_string(i)};
        orders.push_back({row.text("code", 64), row.integer("quantity", 1, one_off_quantity_max)});
        reader.take(row);
    }
    return orders;
}

/// An order changes nothing of the terms: it is billed alone, at once.
ChangeDecision decide_order(PriceLists& lists, const ChangeGround& ground,
                            const std::vector<OneOffOrder>& orders) {
    const auto& row = ground.view.subscription;
    const auto today = civil_day(ground.now);
    if (row.state == "PENDING") throw Error(Errc::wrong_state, "the subscription has not begun");
    if (row.last_day && *row.last_day < today)
        throw Error(Errc::wrong_state, "the subscription ended with " + format_day(*row.last_day));
    ChangeDecision decision;
    decision.before = decision.after = subscription_of(lists, ground.view);
    decision.day = today;
    const auto holding = holding_of(decision.before, row, today);
    decision.holding = decision.settled.period = holding.period;
    decision.cycle = row.cycle + holding.after;
    decision.with = BilledWith::one_off;
    decision.settled.bill.charge = one_off_bill(*terms_on(decision.before, today).prices, orders, today);
    use_account_credit(decision, ground.view);
    return decision;
}

}  // namespace

ChangeWish read_change_wish(const nlohmann::json& body) {
    ObjectReader reader{body};
    ChangeWish wish;
    wish.terms.plan = reader.optional_text("plan", 64);
    wish.terms.add_ons = reader.optional_codes("add_ons");
    wish.terms.coupons = reader.optional_codes("coupons");
    wish.terms.seats = reader.optional_integer("seats", 0, 10'000'000);
    if (const auto day = reader.optional_integer("anchor_day", 1, 31))
        wish.terms.anchor_day = static_cast<int>(*day);
    wish.terms.paused = reader.optional_flag("paused");
    if (const auto list = reader.optional_text("price_list_id", 80)) wish.price_list = PriceListId{*list};
    wish.cancel = reader.optional_flag("cancel").value_or(false);
    wish.one_offs = read_one_offs(reader);
    wish.time = read_time(reader);
    const auto& terms = wish.terms;
    const bool changes = terms.plan || terms.add_ons || terms.coupons || terms.seats || terms.anchor_day ||
                         terms.paused || wish.price_list;
    const bool orders = body.contains("one_offs");
    if (wish.cancel && changes) reader.problem("cancel", "must stand alone");
    if (orders && (changes || wish.cancel || wish.time != ChangeTime::automatic))
        reader.problem("one_offs", "must stand alone");
    if (!wish.cancel && !changes && !orders) reader.problem("", "names nothing to change", "missing_field");
    reader.finish();
    return wish;
}

io::awaitable<ChangeGround> load_change(App& app, TenantId tenant, SubscriptionId id, ChangeWish wish) {
    ChangeGround ground;
    auto view = co_await load_rated_period(app, id);
    if (!view || view->tenant.id != tenant) throw Error(Errc::not_found, "there is no such subscription");
    ground.view = std::move(*view);
    ground.now = app.clock.now();
    const auto& row = ground.view.subscription;
    ground.billed = co_await app.store.billed(id, row.cycle - 1, row.cycle + 2);
    if (!ground.billed.corrections.empty()) ground.billed = co_await app.store.billed(id, 0, row.cycle + 2);
    ground.usage = ground.view.usage;
    if (civil_day(ground.now) >= row.period_end)
        ground.usage = co_await app.store.usage_totals(tenant, row.period_end);
    if (wish.price_list) {
        ground.move_to = co_await app.store.price_list_of(tenant, *wish.price_list);
        if (!ground.move_to)
            throw Error(Errc::not_found, "", {{"/price_list_id", "is not a published price list"}});
    }
    co_return ground;
}

ChangeDecision decide_change(PriceLists& lists, const ChangeGround& ground, const ChangeWish& asked) {
    const auto& row = ground.view.subscription;
    if (row.state == "ENDED") throw Error(Errc::wrong_state, "the subscription has ended");
    if (!asked.one_offs.empty()) return decide_order(lists, ground, asked.one_offs);
    if (row.last_day)
        throw Error(Errc::wrong_state,
                    "the subscription was cancelled and ends with " + format_day(*row.last_day));
    const auto today = civil_day(ground.now);
    auto wish = asked;
    if (ground.move_to) wish.terms.prices = lists.parsed(*ground.move_to);

    ChangeDecision decision;
    decision.before = subscription_of(lists, ground.view);
    if (row.state == "PENDING") {  // nothing has begun
        if (wish.terms.paused)
            throw Error(Errc::wrong_state, "", {{"/paused", "the subscription has not begun"}});
        decision.before.started_on = decision.before.terms.front().from = today;
        for (auto& level : decision.before.seats) level.day = today;
        decision.day = today;
        decision.after = wish.cancel ? decision.before : changed(decision.before, wish.terms, today);
        decision.holding = decision.settled.period = period_from(decision.after, today);
        use_account_credit(decision, ground.view);
        return decision;
    }
    const auto holding = holding_of(decision.before, row, today);
    decision.holding = holding.period;
    decision.cycle = row.cycle + holding.after;
    decision.at_period_end = wish.time == ChangeTime::period_end ||
                             (wish.time == ChangeTime::automatic && waits_by_itself(decision, wish, today));
    decision.day = decision.at_period_end ? holding.period.end : wish.cancel ? add_days(today, 1) : today;
    if (wish.day) {
        check_day(ground.view, decision, *wish.day);
        decision.day = *wish.day;
        decision.at_period_end = *wish.day >= holding.period.end;
    }
    if (ground.move_to && *ground.move_to->effective_from > decision.day)
        throw Error(
            Errc::invalid_value, "",
            {{"/price_list_id", "holds from " + format_day(*ground.move_to->effective_from) + " on"}});
    decision.after = wish.cancel ? cancelled(decision.before, add_days(decision.day, -1))
                                 : changed(decision.before, wish.terms, decision.day);
    decision.with = billed_with(ground, decision);
    if (decision.with == BilledWith::change && decision.day < holding.period.end)
        decision.settled = settle_change(decision.before, decision.after, decision.day, holding.period,
                                         billed_items(ground.billed, decision.cycle, holding.period.start));
    else
        decision.settled.period = period_from(decision.after, holding.period.start);
    check_meters(ground, decision);
    use_account_credit(decision, ground.view);
    return decision;
}

}  // namespace wefee::server
