// For .cpp files of this room only: one HTTP exchange with WeCom as a value, and the circuits that keep us
// from hammering a door that is shut.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "io/clock.hpp"
#include "io/http.hpp"
#include "wecom/errors.hpp"
#include "wecom/json.hpp"

namespace wefee::wecom {

struct ApiRequest {
    std::string method = "POST";
    std::string path;     // "/cgi-bin/..."
    std::string query;    // without '?', encoded; holds the token
    std::string body;     // JSON text; empty for GET
    std::string corp_id;  // whose limit it counts against
    std::string needed;   // member that must be there when errcode is absent (or 0); may be empty
};

class Transport {
public:
    Transport(io::HttpClient& http, const io::Clock& clock, std::string base_url,
              std::chrono::milliseconds limit)
        : http_(http), clock_(clock), base_url_(std::move(base_url)), limit_(limit) {}

    /// Failures are values; only a cancellation (operation_aborted) is thrown. Never repeats by itself.
    io::awaitable<Result<nlohmann::json>> exchange(ApiRequest request);

private:
    struct Circuit {
        io::Clock::Instant open_until{};
        std::chrono::seconds length{};
    };
    bool circuit_open(const ApiRequest& request);
    void note_failure(const ApiRequest& request, long long errcode);
    void open_circuit(const std::string& key, std::chrono::seconds first, std::chrono::seconds again);

    io::HttpClient& http_;
    const io::Clock& clock_;
    std::string base_url_;
    std::chrono::milliseconds limit_;
    std::mutex mutex_;
    std::map<std::string, Circuit> circuits_;
};

/// "name=value", percent-encoded.
std::string query_part(std::string_view name, std::string_view value);

}  // namespace wefee::wecom
