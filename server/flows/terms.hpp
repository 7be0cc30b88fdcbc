// A subscription's terms, between stored rows and billing.
#pragma once

#include "billing/subscription.hpp"
#include "storage/store.hpp"

namespace wefee::server {

class PriceLists;
class Unit;

/// The subscription as billing has it. One that is pending has the terms of its row, from its first day on.
Subscription subscription_of(PriceLists& lists, const storage::PeriodView& view);

/// The same without its seats and its budget's cap: which plan and prices hold on which days.
Subscription terms_of(PriceLists& lists, const storage::TermsView& view);

/// The stored list that holds on a day.
const storage::PriceListRow& price_list_of(const storage::TermsView& view, CivilDay day);

const std::string& plan_code_on(const storage::TermsView& view, CivilDay day);

/// The terms that a row shows, from its first day on.
SubscriptionTerms shown_terms(const storage::SubscriptionRow& row, std::shared_ptr<const PriceList> prices,
                              int anchor_day);

/// A new subscription's terms, as its row has them.
void write_first_terms(Unit& unit, const storage::SubscriptionRow& row);
/// The terms of `after` from `day` on, as a new revision.
std::vector<storage::SubscriptionTermsRow> terms_rows(const Unit& unit, const storage::TermsView& view,
                                                      const Subscription& after, CivilDay day);

/// The next day after `after` on which other terms or seats begin or a trial is over.
std::optional<CivilDay> next_change(const Subscription& subscription, CivilDay after);

/// Gives the row the terms that hold on a day.
void show_terms(storage::SubscriptionRow& row, const Subscription& subscription, CivilDay day);

/// One that has begun is PAUSED while its terms are, else TRIALING on the days of a trial and ACTIVE on
/// others; what is owed goes before.
void follow_terms(Unit& unit, storage::SubscriptionRow& row, const Subscription& subscription);
/// The same by what the row shows, where the terms are what they were.
void follow_terms(Unit& unit, storage::SubscriptionRow& row);

}  // namespace wefee::server
