// The provider's verification keys: serial or PUB_KEY_ID -> public key, an immutable map that is swapped
// whole.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/crypto.hpp"

namespace wefee::payment::wechat {

inline constexpr std::string_view public_key_id_prefix = "PUB_KEY_ID_";

/// Read by every loop without a lock; written rarely, by whoever refreshed.
class KeyRing {
public:
    using Map = std::map<std::string, io::PublicKey, std::less<>>;
    explicit KeyRing(Map keys = {});

    /// nullptr when the serial is unknown. The key lives as long as the ring, also after a swap.
    const io::PublicKey* find(std::string_view serial) const;
    /// Swaps the whole map. False when it holds the same serials with the same keys.
    bool replace(Map keys);
    std::vector<std::string> serials() const;

private:
    std::atomic<const Map*> current_;
    std::mutex writers_;
    /// Old maps stay: a reader may still look at one, and there are a few swaps in years.
    std::vector<std::unique_ptr<const Map>> kept_;
};

}  // namespace wefee::payment::wechat
