// Charge models (R9, R12): quantity in, exact amount in fen out. Rounding is the line's matter, not the
// model's.
#pragma once

#include <span>
#include <vector>

#include "billing/quantity.hpp"

namespace wefee {

/// flat: one price for a period in which anything was used.
enum class ChargeModel { per_unit, graduated, volume, package, percentage, flat };
std::string_view charge_model_name(ChargeModel model);
std::optional<ChargeModel> parse_charge_model(std::string_view name);

/// `up_to` is inclusive; the last tier has none. With a package size the price is per started package.
struct Tier {
    std::optional<Quantity> up_to;
    MicroYuan unit_price;
    Fen flat_fee{};  // due once the tier is entered
    std::optional<Quantity> package_size{};
    std::optional<Fen> cap{};  // most that this tier may cost, flat fee included
};

/// What one tier costs.
struct TierPart {
    std::size_t tier = 0;
    Quantity above;     // the tier's units start after this many
    Quantity quantity;  // units that fall into it
    Fraction amount;    // in fen
};

Fraction per_unit_fee(MicroYuan unit_price, Quantity quantity);

/// Started packages of `size`; nothing used costs nothing.
Fraction package_fee(MicroYuan package_price, Quantity size, Quantity quantity);

/// Each unit in its own tier. The parts are the tiers entered; the first is always entered.
std::vector<TierPart> graduated_parts(std::span<const Tier> tiers, Quantity quantity);
Fraction graduated_fee(std::span<const Tier> tiers, Quantity quantity);

/// The tier that the total reaches prices everything.
TierPart volume_part(std::span<const Tier> tiers, Quantity quantity);
Fraction volume_fee(std::span<const Tier> tiers, Quantity quantity);

/// A share of each transaction's amount and a fixed fee; the first `free_events` of a period pay nothing.
struct Percentage {
    std::int64_t rate_ppm = 0;  // 10^-6: 1 % is 10,000
    Fen fixed_fee{};
    std::int64_t free_events = 0;
    std::optional<Fen> event_minimum{};
    std::optional<Fen> event_maximum{};
};

/// `index` counts the period's events from 0.
Fraction percentage_event_fee(const Percentage& terms, Fen transaction, std::int64_t index);
/// All events of a period, in order.
Fraction percentage_fee(const Percentage& terms, std::span<const Fen> transactions);

}  // namespace wefee
