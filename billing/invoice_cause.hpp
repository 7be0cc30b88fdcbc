// What an invoice was issued for.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace wefee {

enum class InvoiceCause { opening, period, change, correction, one_off, threshold, late_usage };

inline constexpr std::array<std::string_view, 7> invoice_cause_names{
    "opening", "period", "change", "correction", "one_off", "threshold", "late_usage"};

constexpr std::string_view invoice_cause_name(InvoiceCause cause) {
    return invoice_cause_names.at(static_cast<std::size_t>(std::to_underlying(cause)));
}

}  // namespace wefee
