// What one source may use: connections and requests. Shared by all loops; a lock is held for one look-up.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/address.hpp"

namespace wefee::io {

/// A token bucket: `tokens` in each `per` on average, `burst` at once. tokens 0 means no limit.
struct Rate {
    unsigned tokens = 0;
    unsigned burst = 1;
    std::chrono::seconds per{1};
    bool grows = false;  // each refused request makes the wait one token longer, up to ten
};

/// Token buckets by key. Bounded: buckets that are full again are forgotten.
class RateLimiter {
public:
    using Time = std::chrono::steady_clock::time_point;
    explicit RateLimiter(std::size_t keys_max = 65'536) : keys_max_(keys_max) {}
    /// nullopt: one token taken. Else the time after which one will be there.
    std::optional<std::chrono::nanoseconds> take(std::string_view key, Rate rate, Time now);
    std::size_t size() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Time, Hash, std::equal_to<>>
            full_at;  // when the bucket is full again
        Time cleaned{};
    };
    static constexpr std::size_t shard_count = 16;
    void clean(Shard& shard, Time now);

    std::size_t keys_max_;
    std::array<Shard, shard_count> shards_;
};

struct ConnectionQuota {
    std::size_t all_max = 1024;
    std::size_t per_address_max = 64;
    std::size_t reserved_max = 256;                  // further ones, for reserved_ranges only
    std::vector<AddressRange> reserved_ranges = {};  // providers: the public cannot starve them
    std::vector<AddressRange> shared_ranges = {};    // proxies: many clients behind one address
};

/// Counts open connections. A Lease gives its place back when it is destroyed.
class ConnectionLimiter {
public:
    explicit ConnectionLimiter(ConnectionQuota quota) : quota_(std::move(quota)) {}

    class Lease {
    public:
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

    private:
        friend class ConnectionLimiter;
        Lease(ConnectionLimiter& owner, const IpAddress& address, bool reserved)
            : owner_(&owner), address_(address), reserved_(reserved) {}
        ConnectionLimiter* owner_;
        IpAddress address_;
        bool reserved_;
    };

    std::optional<Lease> admit(const IpAddress& address);
    std::size_t open() const;

private:
    void release(const Lease& lease);
    bool is_counted_by_address(const IpAddress& address) const;

    ConnectionQuota quota_;
    mutable std::mutex mutex_;
    std::unordered_map<IpAddress, std::size_t, IpAddressHash> by_address_;
    std::size_t general_ = 0, reserved_ = 0;
};

}  // namespace wefee::io
