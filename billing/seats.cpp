// The seat ledger adds and takes slots; the tiers say what each slot costs for a whole period.
#include "billing/seats.hpp"

#include <algorithm>

namespace wefee {
namespace {

/// Slots of a tier that lie in (from, to], when the tier holds (below, top].
std::int64_t overlap(std::int64_t from, std::int64_t to, std::int64_t below,
                     std::optional<std::int64_t> top) {
    return std::max<std::int64_t>(0, (top ? std::min(to, *top) : to) - std::max(from, below));
}

std::optional<std::int64_t> top_slot(const Tier& tier) {
    if (!tier.up_to) return std::nullopt;
    return tier.up_to->count() / quantity_scale;
}

}  // namespace

SeatLedger::SeatLedger(std::span<const Tier> tiers, int days_in_period, std::int64_t opening)
    : tiers_(tiers.begin(), tiers.end()), days_in_period_(days_in_period) {
    if (tiers_.empty() || days_in_period <= 0 || opening < 0) throw std::domain_error("SeatLedger");
    for (const auto& tier : tiers_)
        if (tier.package_size || tier.cap)
            throw std::domain_error("SeatLedger: seats have no packages or tier caps");
    flat_ = tiers_.front().flat_fee;
    entered_ = 1;
    change(opening, days_in_period);
}

Fraction SeatLedger::slots_price(std::int64_t from, std::int64_t to) const {
    Fraction price;
    std::int64_t below = 0;
    for (const auto& tier : tiers_) {
        const auto top = top_slot(tier);
        price += in_fen(tier.unit_price) * Fraction{overlap(from, to, below, top)};
        if (!top) break;
        below = *top;
    }
    return price;
}

void SeatLedger::enter(std::int64_t level) {
    while (entered_ < tiers_.size()) {
        const auto below = top_slot(tiers_[entered_ - 1]);
        if (!below || level <= *below) return;
        flat_ += tiers_[entered_++].flat_fee;
    }
}

void SeatLedger::change(std::int64_t added, int days_left) {
    if (days_left < 0 || days_left > days_in_period_) throw std::domain_error("SeatLedger: days left");
    const auto level = std::max<std::int64_t>(0, level_ + added);
    const Fraction part{days_left, days_in_period_};
    if (level > level_) prorated_ += slots_price(level_, level) * part;
    if (level < level_) prorated_ -= slots_price(level, level_) * part;
    level_ = level;
    enter(level);
}

Fen HighWaterMark::raise_to(std::int64_t level, MicroYuan unit_price) {
    const auto above = std::max<std::int64_t>(0, level - paid_);
    paid_ += above;
    return rounded(in_fen(unit_price) * Fraction{above});
}

Fraction weighted_quantity(std::span<const LevelDays> levels, int days_in_period) {
    if (days_in_period <= 0) throw std::domain_error("weighted_quantity: days");
    Fraction quantity;
    for (const auto& segment : levels)
        quantity += in_units(segment.level) * Fraction{segment.days, days_in_period};
    return quantity;
}

}  // namespace wefee
