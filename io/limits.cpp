// Token buckets as one instant per key (GCRA: the moment at which the bucket is full again), and connection
// counts.
#include "io/limits.hpp"

#include <algorithm>
#include <utility>

namespace wefee::io {

std::optional<std::chrono::nanoseconds> RateLimiter::take(std::string_view key, Rate rate, Time now) {
    if (rate.tokens == 0) return std::nullopt;
    const auto interval = std::chrono::nanoseconds(rate.per) / rate.tokens;
    const auto room = interval * (std::max(rate.burst, 1U) - 1);
    auto& shard = shards_[Hash()(key) % shard_count];
    const std::lock_guard lock(shard.mutex);
    auto found = shard.full_at.find(key);
    if (found == shard.full_at.end()) {
        clean(shard, now);
        // Too many sources to follow each: the limits on connections still hold.
        if (shard.full_at.size() >= keys_max_ / shard_count) return std::nullopt;
        found = shard.full_at.emplace(key, now).first;
    }
    const auto full_at = std::max(found->second, now);
    if (full_at - now > room) {
        if (rate.grows) found->second = std::min(full_at + interval, now + room + 10 * interval);
        return found->second - now - room;
    }
    found->second = full_at + interval;
    return std::nullopt;
}

void RateLimiter::clean(Shard& shard, Time now) {
    if (shard.full_at.size() < keys_max_ / shard_count && now - shard.cleaned < std::chrono::minutes(1))
        return;
    if (now - shard.cleaned < std::chrono::seconds(1)) return;
    shard.cleaned = now;
    std::erase_if(shard.full_at, [now](const auto& entry) { return entry.second <= now; });
}

std::size_t RateLimiter::size() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        total += shard.full_at.size();
    }
    return total;
}

ConnectionLimiter::Lease::Lease(Lease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), address_(other.address_), reserved_(other.reserved_) {}

ConnectionLimiter::Lease::~Lease() {
    if (owner_) owner_->release(*this);
}

bool ConnectionLimiter::is_counted_by_address(const IpAddress& address) const {
    return !contains(quota_.shared_ranges, address);
}

std::optional<ConnectionLimiter::Lease> ConnectionLimiter::admit(const IpAddress& address) {
    const bool may_reserve = contains(quota_.reserved_ranges, address);
    const std::lock_guard lock(mutex_);
    if (may_reserve && reserved_ < quota_.reserved_max) {
        ++reserved_;
        return Lease(*this, address, true);
    }
    if (general_ >= quota_.all_max) return std::nullopt;
    if (is_counted_by_address(address)) {
        auto& count = by_address_[address];
        if (count >= quota_.per_address_max) {
            if (count == 0) by_address_.erase(address);
            return std::nullopt;
        }
        ++count;
    }
    ++general_;
    return Lease(*this, address, false);
}

void ConnectionLimiter::release(const Lease& lease) {
    const std::lock_guard lock(mutex_);
    if (lease.reserved_) {
        --reserved_;
        return;
    }
    --general_;
    if (!is_counted_by_address(lease.address_)) return;
    const auto found = by_address_.find(lease.address_);
    if (--found->second == 0) by_address_.erase(found);
}

std::size_t ConnectionLimiter::open() const {
    const std::lock_guard lock(mutex_);
    return general_ + reserved_;
}

}  // namespace wefee::io
