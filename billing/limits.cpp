// All of it is subtraction from a total; nothing here rounds a part by itself.
#include "billing/limits.hpp"

#include <algorithm>

namespace wefee {

Fen amount_now(const Fraction& price_of_total, Fen already_invoiced) {
    return rounded(price_of_total) - already_invoiced;
}

Capped cap_total(Fen gross_total, Fen already_charged, Fen cap) {
    const auto most = std::min(gross_total, cap);
    return {most - already_charged, gross_total - most};
}

Capped cap_further(Fen further, Fen already_charged, Fen cap) {
    if (further < Fen{}) return {further, Fen{}};
    const auto charged = std::clamp(cap - already_charged, Fen{}, further);
    return {charged, further - charged};
}

Fen minimum_top_up(const Fraction& minimum, Fen billed_in_period, bool last_part) {
    if (!last_part) return {};
    return std::max(rounded(minimum - Fraction{billed_in_period}), Fen{});
}

std::int64_t thresholds_reached(const Thresholds& thresholds, Fen total) {
    const auto reached = std::ranges::count_if(thresholds.once, [total](Fen at) { return total >= at; });
    const auto base = thresholds.once.empty() ? Fen{} : thresholds.once.back();
    if (!thresholds.every || total < base) return reached;
    if (thresholds.every->count() <= 0) throw std::domain_error("Thresholds: every must be positive");
    return reached + (total - base).count() / thresholds.every->count();
}

Fen threshold_invoice(const Thresholds& thresholds, Fen total, Fen already_invoiced) {
    if (thresholds_reached(thresholds, total) <= thresholds_reached(thresholds, already_invoiced)) return {};
    return total - already_invoiced;
}

std::vector<Fen> alert_amounts(Fen limit, std::span<const int> percents) {
    std::vector<Fen> amounts;
    for (const int percent : percents) amounts.push_back(rounded(Fraction{limit} * Fraction{percent, 100}));
    return amounts;
}

}  // namespace wefee
