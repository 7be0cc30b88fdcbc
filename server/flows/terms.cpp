#include "server/flows/terms.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "billing/machines/subscription.hpp"
#include "server/flows/price_lists.hpp"
#include "server/flows/thresholds.hpp"
#include "server/flows/unit.hpp"

namespace wefee::server {
namespace {

std::vector<std::string> codes(const std::string& json) {
    return nlohmann::json::parse(json).get<std::vector<std::string>>();
}
std::string json(const std::vector<std::string>& codes) { return nlohmann::json(codes).dump(); }

const storage::PriceListRow& stored_list(const storage::TermsView& view, const PriceListId& id) {
    if (view.price_list.id == id) return view.price_list;
    const auto found = std::ranges::find(view.price_lists, id, &storage::PriceListRow::id);
    if (found == view.price_lists.end())
        throw std::logic_error("price list " + id.text() + " was not loaded");
    return *found;
}

/// Later revisions replace earlier ones from their first day on.
std::vector<const storage::SubscriptionTermsRow*> in_force(
    const std::vector<storage::SubscriptionTermsRow>& rows) {
    std::vector<const storage::SubscriptionTermsRow*> kept;
    std::int64_t revision = 0;
    for (const auto& row : rows) {
        if (row.revision != revision) {
            std::erase_if(kept, [&](const auto* earlier) { return earlier->from_day >= row.from_day; });
            revision = row.revision;
        }
        kept.push_back(&row);
    }
    return kept;
}

const storage::SubscriptionTermsRow* row_on(const storage::TermsView& view, CivilDay day) {
    const storage::SubscriptionTermsRow* found = nullptr;
    for (const auto* terms : in_force(view.terms))
        if (terms->from_day <= day) found = terms;
    return found;
}

/// A level that was planned for later falls with each change before it.
std::vector<SeatLevel> levels_of(const std::vector<storage::SeatChangeRow>& changes) {
    std::vector<SeatLevel> levels;
    for (const auto& change : changes) {
        std::erase_if(levels, [&](const SeatLevel& level) { return level.day > change.day; });
        levels.push_back({change.day, change.seats});
    }
    return levels;
}

}  // namespace

Subscription terms_of(PriceLists& lists, const storage::TermsView& view) {
    const auto& row = view.subscription;
    Subscription subscription{.started_on = row.started_on,
                              .trial = row.trial,
                              .first_started_on = row.first_started_on,
                              .last_day = row.last_day};
    for (const auto* terms : in_force(view.terms))
        subscription.terms.push_back({.from = terms->from_day,
                                      .prices = lists.parsed(stored_list(view, terms->price_list_id)),
                                      .plan = terms->plan_code,
                                      .anchor_day = terms->anchor_day,
                                      .add_ons = codes(terms->add_ons),
                                      .coupons = codes(terms->coupons),
                                      .paused = terms->paused});
    if (view.terms.empty())
        subscription.terms.push_back(shown_terms(row, lists.parsed(view.price_list), view.tenant.anchor_day));
    return subscription;
}

Subscription subscription_of(PriceLists& lists, const storage::PeriodView& view) {
    auto subscription = terms_of(lists, view);
    subscription.seats = levels_of(view.seats);
    if (view.seats.empty())
        subscription.seats.push_back({view.subscription.started_on, view.subscription.seats});
    if (view.budget && view.budget->hard_cap) subscription.budget_cap = view.budget->amount_fen;
    if (view.subscription.thresholds)
        subscription.thresholds = stored_thresholds(*view.subscription.thresholds);
    return subscription;
}

const storage::PriceListRow& price_list_of(const storage::TermsView& view, CivilDay day) {
    const auto* terms = row_on(view, day);
    return terms ? stored_list(view, terms->price_list_id) : view.price_list;
}

const std::string& plan_code_on(const storage::TermsView& view, CivilDay day) {
    const auto* terms = row_on(view, day);
    return terms ? terms->plan_code : view.subscription.plan_code;
}

SubscriptionTerms shown_terms(const storage::SubscriptionRow& row, std::shared_ptr<const PriceList> prices,
                              int anchor_day) {
    return {.from = row.started_on,
            .prices = std::move(prices),
            .plan = row.plan_code,
            .anchor_day = anchor_day,
            .add_ons = codes(row.add_ons),
            .coupons = codes(row.coupons),
            .paused = row.paused};
}

void write_first_terms(Unit& unit, const storage::SubscriptionRow& row) {
    unit.insert(storage::SubscriptionTermsRow{row.id, 1, row.started_on, row.tenant_id, row.price_list_id,
                                              row.plan_code, row.add_ons, row.coupons, row.anchor_day,
                                              unit.actor(), unit.at(), row.paused});
}

std::vector<storage::SubscriptionTermsRow> terms_rows(const Unit& unit, const storage::TermsView& view,
                                                      const Subscription& after, CivilDay day) {
    std::vector<storage::SubscriptionTermsRow> rows;
    const auto revision = view.terms.empty() ? 1 : view.terms.back().revision + 1;
    const auto& row = view.subscription;
    for (std::size_t i = 0; i < after.terms.size(); ++i) {
        const auto& terms = after.terms[i];
        const bool replaced = i + 1 < after.terms.size() && after.terms[i + 1].from == terms.from;
        if (terms.from < day || replaced) continue;
        rows.push_back({row.id, revision, terms.from, row.tenant_id, PriceListId{terms.prices->id},
                        terms.plan, json(terms.add_ons), json(terms.coupons), terms.anchor_day, unit.actor(),
                        unit.at(), terms.paused});
    }
    return rows;
}

std::optional<CivilDay> next_change(const Subscription& subscription, CivilDay after) {
    std::optional<CivilDay> next;
    const auto consider = [&](CivilDay day) {
        if (day > after && (!next || day < *next)) next = day;
    };
    for (const auto& terms : subscription.terms) consider(terms.from);
    for (const auto& level : subscription.seats) consider(level.day);
    consider(trial_over(subscription, after));
    return next;
}

void show_terms(storage::SubscriptionRow& row, const Subscription& subscription, CivilDay day) {
    const auto& terms = terms_on(subscription, std::max(day, subscription.started_on));
    row.price_list_id = PriceListId{terms.prices->id};
    row.plan_code = terms.plan;
    row.add_ons = json(terms.add_ons);
    row.coupons = json(terms.coupons);
    row.paused = terms.paused;
    for (const auto& level : subscription.seats)
        if (level.day <= day) row.seats = level.seats;
}

void follow_terms(Unit& unit, storage::SubscriptionRow& row, const Subscription& subscription) {
    const auto today = civil_day(unit.at());
    row.trial_end.reset();
    if (on_trial(subscription, today)) row.trial_end = trial_over(subscription, today);
    follow_terms(unit, row);
}

void follow_terms(Unit& unit, storage::SubscriptionRow& row) {
    const auto day = std::min(civil_day(unit.at()),
                              row.last_day.value_or(civil_day(unit.at())));  // no other begins after the last
    const bool tries = row.trial_end && day < *row.trial_end;
    unit.try_move<SubscriptionState>(row,
                                     row.paused ? SubscriptionEvent::paused : SubscriptionEvent::resumed);
    unit.try_move<SubscriptionState>(row,
                                     tries ? SubscriptionEvent::trial_started : SubscriptionEvent::activated);
}

}  // namespace wefee::server
