// Vectors and a scripted HTTP client for the tests of this folder.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/clock.hpp"
#include "io/http.hpp"
#include "wecom/callback.hpp"

namespace wefee::wecom::test {

/// The "vectors" array of tests/data/wecom/<file>; top-level members beside it are merged into each vector.
std::vector<nlohmann::json> vectors(const std::string& file);

/// The door that a vector is addressed to, told by its receiveid.
DoorConfig door_for(const nlohmann::json& vector);

class FakeClock final : public io::Clock {
public:
    Instant time{std::chrono::seconds{1'760'000'000}};
    Instant now() const override { return time; }
};

/// Plays WeCom: answers by path with what the script holds, counts and keeps every call.
class ScriptedWecom final : public io::HttpClient {
public:
    struct Call {
        std::string method;
        std::string path;   // "/cgi-bin/..."
        std::string query;  // raw
        std::string body;
    };
    std::vector<Call> calls;

    /// The next answers to `path`, in order; the last one stays. A status of 0 is a time-out.
    void answer(const std::string& path, const std::string& body, int status = 200);
    std::size_t count(const std::string& path) const;
    const Call& last(const std::string& path) const;
    io::awaitable<io::ClientResponse> send(io::ClientRequest request,
                                           std::chrono::milliseconds limit) override;

private:
    std::vector<std::pair<std::string, std::deque<io::ClientResponse>>> scripts_;
};

}  // namespace wefee::wecom::test
