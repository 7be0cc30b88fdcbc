// Platform certificates: read from a folder, downloaded and decrypted from GET /v3/certificates, kept for the
// next start ("platform certificate, update and maintenance").
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/clock.hpp"
#include "io/http.hpp"
#include "payment/wechat/keys.hpp"
#include "payment/wechat/settings.hpp"

namespace wefee::payment::wechat {

/// All *.pem of the folder. Throws std::runtime_error naming the file that is no certificate.
std::vector<io::Certificate> read_certificate_folder(const std::filesystem::path& folder);
/// Writes <serial>.pem, whole or not at all. Throws std::runtime_error.
void write_certificate(const std::filesystem::path& folder, const io::Certificate& certificate);

/// Decrypts the body of GET /v3/certificates. nullopt when any entry does not decrypt, is no certificate or
/// has another serial than it says: then nothing of it is believed.
std::optional<std::vector<io::Certificate>> open_certificate_list(std::string_view body,
                                                                  std::string_view api_v3_key);
/// The provider's side of it.
std::string seal_certificate_list(std::span<const io::Certificate> certificates, std::string_view api_v3_key);

/// Fills a key ring from the settings and the folder, and keeps it fresh.
class KeyKeeper {
public:
    using Monotonic = std::function<std::chrono::steady_clock::time_point()>;
    enum class Outcome { changed, unchanged, held_back, failed, not_in_use };

    /// Reads the folder at once. Throws std::runtime_error on an unreadable folder or file.
    /// `settings`, `keys`, `http` and `clock` outlive it.
    KeyKeeper(const Settings& settings, KeyRing& keys, io::HttpClient& http, const io::Clock& clock,
              Monotonic monotonic = std::chrono::steady_clock::now);

    /// Downloads the list, at most once a minute by the monotonic clock however many ask. Meant to be called
    /// hourly and on an unknown certificate serial. Without certificate mode it does nothing.
    io::awaitable<Outcome> refresh();
    /// Whether a refresh can make this unknown serial known: certificate mode, and no public key id.
    bool may_help(std::string_view serial) const;
    std::string last_failure() const;

private:
    bool claim_turn();
    Outcome take(const io::ClientResponse& response);
    Outcome fail(std::string why);
    bool first_answer_holds(const io::ClientResponse& response,
                            const std::vector<io::Certificate>& certificates) const;
    Outcome keep(std::vector<io::Certificate> fresh);
    KeyRing::Map map_of(const std::vector<io::Certificate>& certificates) const;

    const Settings& settings_;
    KeyRing& keys_;
    io::HttpClient& http_;
    const io::Clock& clock_;
    Monotonic monotonic_;
    static constexpr std::int64_t never = INT64_MIN;
    std::atomic<std::int64_t> last_turn_{never};  // ticks of the monotonic clock
    mutable std::mutex
        guard_;  // certificates_ and last_failure_: rarely touched, never on the way of a message
    std::vector<io::Certificate> certificates_;
    std::string last_failure_;
};

}  // namespace wefee::payment::wechat
