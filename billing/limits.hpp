// Running totals (R11): a period may be billed in parts, and the parts cost what the whole costs.
// Caps, minimums and thresholds look at the whole period.
#pragma once

#include <span>
#include <vector>

#include "billing/fraction.hpp"

namespace wefee {

/// price(total so far) − already invoiced; below zero when late corrections made the total cheaper.
Fen amount_now(const Fraction& price_of_total, Fen already_invoiced);

struct Capped {
    Fen charged;
    Fen suppressed;  // metered, shown, not charged
    friend bool operator==(const Capped&, const Capped&) = default;
};

/// `gross_total`: the whole period before the cap; `already_charged`: earlier parts. suppressed counts the
/// whole period.
Capped cap_total(Fen gross_total, Fen already_charged, Fen cap);

/// The same for one further amount when only what was charged is known.
Capped cap_further(Fen further, Fen already_charged, Fen cap);

/// What is missing to the (prorated, exact) minimum; only the last part of a period adds it.
Fen minimum_top_up(const Fraction& minimum, Fen billed_in_period, bool last_part);

/// Invoices in mid-period: at each amount of `once` (rising), then every `every` above the last of them.
struct Thresholds {
    std::vector<Fen> once;
    std::optional<Fen> every;
};

/// How many thresholds `total` has reached.
std::int64_t thresholds_reached(const Thresholds& thresholds, Fen total);

/// What to invoice of the period's total: all that is not invoiced yet once it has reached a threshold that
/// what is invoiced had not (several reached at once give one invoice), else nothing.
Fen threshold_invoice(const Thresholds& thresholds, Fen total, Fen already_invoiced);

/// Amounts at `percents` of a cap or budget.
std::vector<Fen> alert_amounts(Fen limit, std::span<const int> percents);

}  // namespace wefee
