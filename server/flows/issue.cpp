#include "server/flows/issue.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "billing/machines/invoice.hpp"
#include "io/crypto.hpp"
#include "server/flows/books.hpp"
#include "server/flows/new_ids.hpp"
#include "server/flows/plan.hpp"
#include "server/flows/rate_period.hpp"
#include "server/flows/terms.hpp"

namespace wefee::server {
namespace {

constexpr int due_days = 15;  // a final invoice is overdue after that

/// Tells an invoice among its subscription's.
std::string mark_of(const SubscriptionId& subscription, const InvoicePlace& place) {
    auto seed = fmt::format("{}/{}", subscription.text(), place.cycle);
    if (place.part > 0) seed += fmt::format("/{}", place.part);
    return io::sha256_hex(seed).substr(0, 10);
}

/// Its period comes first, then the head of its tenant's id: the invoices of a month, in the order in which
/// they are made, are the end of every index.
InvoiceId invoice_id_of(const SubscriptionId& subscription, const InvoicePlace& place) {
    const auto day = place.period.end;
    return InvoiceId{fmt::format("inv_{:02}{:02}{:02}{}{}", static_cast<int>(day.year()) % 100,
                                 static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                                 id_head(subscription), mark_of(subscription, place))};
}

storage::InvoiceRow invoice_of(const storage::PeriodView& view, const InvoicePlace& place,
                               const RatedPeriod& rated, Instant now) {
    const auto last_day = add_days(place.period.end, -1);
    storage::InvoiceRow invoice;
    invoice.id = invoice_id_of(view.subscription.id, place);
    invoice.tenant_id = view.tenant.id;
    invoice.subscription_id = view.subscription.id;
    invoice.cycle = place.cycle;
    invoice.part = place.part;
    invoice.cause = invoice_cause_name(place.cause);
    invoice.number =
        fmt::format("{}{:02}-{}", static_cast<int>(place.period.start.year()),
                    static_cast<unsigned>(place.period.start.month()), mark_of(view.subscription.id, place));
    invoice.period_start = place.period.start;
    invoice.period_end = place.period.end;
    invoice.price_list_id = price_list_of(view, last_day).id;
    invoice.plan_code = plan_code_on(view, last_day);
    invoice.total_fen = rated.total;
    invoice.tax_fen = rated.tax;
    invoice.final_at = now;
    invoice.due_day = due_day_from(now);
    invoice.created_at = now;
    return invoice;
}

}  // namespace

CivilDay due_day_from(Instant now) { return add_days(civil_day(now), due_days); }

InvoicePlace next_part(const std::vector<storage::Bill>& bills, std::int64_t cycle, DaySpan period,
                       InvoiceCause cause) {
    InvoicePlace place{.cycle = cycle, .part = 1, .period = period, .cause = cause};
    for (const auto& bill : bills)
        if (bill.invoice.cycle == cycle) place.part = std::max(place.part, bill.invoice.part + 1);
    return place;
}

InvoiceId issue(const Rules& rules, Unit& unit, const storage::PeriodView& view, AccountCredit& credit,
                const InvoicePlace& place, const RatedPeriod& rated) {
    auto invoice = invoice_of(view, place, rated, unit.at());
    unit.create<InvoiceState>(invoice,
                              rated.total <= Fen{} ? InvoiceEvent::finalised_zero : InvoiceEvent::finalised);
    std::vector<storage::InvoiceLineRow> lines;
    lines.reserve(rated.lines.size());
    for (const auto& line : rated.lines)
        lines.push_back(line_row(line, invoice.id, view.tenant.id, static_cast<std::int64_t>(lines.size()),
                                 price_list_of(view, line.period.start)));
    post_all(unit, post_invoice(invoice.id.text(), rated.net, rated.tax), view.tenant.id);
    credit.pay(unit, invoice);
    plan_collection(rules, unit, view, invoice, lines);
    for (auto& line : lines) unit.insert(std::move(line));
    auto id = invoice.id;
    unit.insert(std::move(invoice));
    return id;
}

}  // namespace wefee::server
