// What follows an invoice: the planned deduction with its notices, or the request to pay by hand.
#pragma once

#include <string>

#include "billing/time.hpp"
#include "io/async.hpp"
#include "server/flows/unit.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;
struct Rules;

/// An outbox row of a notice: unique by (kind, ref, stage); rendered when it is sent.
storage::OutboxRow notice_row(std::string_view kind, const std::string& ref_id, const TenantId& tenant,
                              const std::string& stage, Instant at);

enum class NotifyFor { order, deduction, mandate, refund };
/// The address that a provider is given for its notifications.
std::string notify_url(const App& app, const std::string& provider, NotifyFor what);

/// The first day on which a mandate signed now may be charged, as the provider's agreement wants it (R15).
io::awaitable<CivilDay> first_execute_day(App& app, storage::TenantRow tenant, SubscriptionId subscription);

/// Plans a charge for the next possible deduction day, with new notices (released, rescheduled, new).
void plan_anew(const Rules& rules, Unit& unit, const storage::TenantRow& tenant, storage::ChargeRow& charge);

/// Asks the tenant to pay by hand until the invoice's due day. `stage` tells the requests of one invoice
/// apart.
void ask_for_payment(const Rules& rules, Unit& unit, const storage::TenantRow& tenant,
                     const storage::InvoiceRow& invoice, const std::string& stage);

/// Less is owed than was planned: planned deductions are announced anew with what is left, or dropped. One
/// whose amount an attempt has named already cannot change: the rest is paid by hand. `view`: with the
/// charges; `invoice`: as it is now.
void follow_lowered(const Rules& rules, Unit& unit, const storage::TenantRow& tenant,
                    const storage::InvoiceView& view, const storage::InvoiceRow& invoice);

/// Adds the charge of a final invoice to `unit`: a planned deduction when the consent covers it, else a
/// request to pay by hand with the reason.
void plan_collection(const Rules& rules, Unit& unit, const storage::PeriodView& period,
                     const storage::InvoiceRow& invoice, const std::vector<storage::InvoiceLineRow>& lines);

}  // namespace wefee::server
