// Seats and other recurring quantities: prorated ledgers (R9), the high-water mark (R8), time-weighted
// levels.
#pragma once

#include <span>
#include <vector>

#include "billing/pricing.hpp"

namespace wefee {

/// One period's prorated, tiered seats. Added seats take the next slots and pay from their own day on;
/// removed seats free the top slots and are credited from their own day on; a flat fee stays due once its
/// tier was entered.
class SeatLedger {
public:
    /// `opening` seats count for the whole period.
    SeatLedger(std::span<const Tier> tiers, int days_in_period, std::int64_t opening = 0);

    /// `days_left` in the period, the day of the change included. The level never falls below zero.
    void change(std::int64_t added, int days_left);

    std::int64_t level() const { return level_; }
    Fraction exact() const;
    Fen total() const { return rounded(exact()); }

    /// What a tier came to: its price × slot-days / days in the period, and its flat fee once it was entered.
    struct TierDays {
        std::int64_t slot_days = 0;
        bool entered = false;
    };
    const std::vector<TierDays>& by_tier() const { return by_tier_; }

private:
    void take(std::int64_t from, std::int64_t to, std::int64_t days);
    void enter(std::int64_t level);

    std::vector<Tier> tiers_;
    std::vector<TierDays> by_tier_;
    int days_in_period_;
    std::int64_t level_ = 0;
};

/// Seats paid in advance without proration: only those above the highest number already paid are charged.
class HighWaterMark {
public:
    explicit HighWaterMark(std::int64_t paid = 0) : paid_(paid) {}
    std::int64_t paid() const { return paid_; }
    /// Charges what `level` exceeds and remembers it; a fall costs and gives nothing.
    Fen raise_to(std::int64_t level, MicroYuan unit_price);

private:
    std::int64_t paid_;
};

struct LevelDays {
    Quantity level;
    int days = 0;
};

/// Σ level × days / days in the period, in units.
Fraction weighted_quantity(std::span<const LevelDays> levels, int days_in_period);

}  // namespace wefee
