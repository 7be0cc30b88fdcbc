// The month ends (A7, A8): usage totals and price list to an invoice with lines, then its collection is
// planned.
#pragma once

#include "billing/credit_note.hpp"
#include "io/async.hpp"
#include "server/flows/account_credit.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Task: fees in advance that waited for the subscription's begin or the end of a trial (`advance_waits`).
/// Once.
io::awaitable<void> bill_opening(App& app, storage::TaskRow task);

/// What closing the open period changes, the next close included: one transaction, named after subscription
/// and cycle, so that doing it twice changes nothing.
Unit close(App& app, const storage::PeriodView& view);

/// What earlier parts of the period took too much (`kept` of this invoice's bill) goes to the account credit.
void give_back(Unit& unit, AccountCredit& credit, const storage::PeriodView& view, const InvoiceId& invoice,
               const CreditNote& kept);

/// When the open period of a subscription is closed.
Instant closes_at(const App& app, const storage::SubscriptionRow& subscription);
/// It runs: it began, and has not ended.
bool still_served(const storage::SubscriptionRow& subscription);

}  // namespace wefee::server
