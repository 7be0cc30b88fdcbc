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
    : tiers_(tiers.begin(), tiers.end()), by_tier_(tiers.size()), days_in_period_(days_in_period) {
    if (tiers_.empty() || days_in_period <= 0 || opening < 0) throw std::domain_error("SeatLedger");
    for (const auto& tier : tiers_)
        if (tier.package_size || tier.cap)
            throw std::domain_error("SeatLedger: seats have no packages or tier caps");
    enter(0);
    change(opening, days_in_period);
}

Fraction SeatLedger::exact() const {
    Fraction sum;
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
        sum += in_fen(tiers_[i].unit_price) * Fraction{by_tier_[i].slot_days, days_in_period_};
        if (by_tier_[i].entered) sum += tiers_[i].flat_fee;
    }
    return sum;
}

/// Adds the slots in (from, to] for so many days; below zero takes them away.
void SeatLedger::take(std::int64_t from, std::int64_t to, std::int64_t days) {
    std::int64_t below = 0;
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
        const auto top = top_slot(tiers_[i]);
        by_tier_[i].slot_days += overlap(from, to, below, top) * days;
        if (!top) break;
        below = *top;
    }
}

/// The first tier is always entered, the next ones above the top slot of those before.
void SeatLedger::enter(std::int64_t level) {
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
        const auto below = i == 0 ? std::int64_t{0} : top_slot(tiers_[i - 1]).value_or(level);
        if (i > 0 && level <= below) return;
        by_tier_[i].entered = true;
    }
}

void SeatLedger::change(std::int64_t added, int days_left) {
    if (days_left < 0 || days_left > days_in_period_) throw std::domain_error("SeatLedger: days left");
    const auto level = std::max<std::int64_t>(0, level_ + added);
    if (level > level_) take(level_, level, days_left);
    if (level < level_) take(level, level_, -days_left);
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
