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

/// A new subscription's terms, as its row has them.
void write_first_terms(Unit& unit, const storage::SubscriptionRow& row);
/// The terms of `after` from `day` on, as a new revision.
std::vector<storage::SubscriptionTermsRow> terms_rows(const Unit& unit, const storage::TermsView& view,
                                                      const Subscription& after, CivilDay day);

/// The next day after `after` on which other terms or seats begin.
std::optional<CivilDay> next_change(const Subscription& subscription, CivilDay after);

/// Gives the row the terms that hold on a day.
void show_terms(storage::SubscriptionRow& row, const Subscription& subscription, CivilDay day);

}  // namespace wefee::server
