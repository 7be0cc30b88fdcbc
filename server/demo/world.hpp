// A whole installation on loopback: the sandbox, a server that talks to it, and two clocks stepped as one.
// The demo and the flow tests stand on it; everything goes through sockets, as it would from outside.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "billing/time.hpp"

namespace wefee::server::demo {

using Json = nlohmann::json;

struct Reply {
    int status = 0;
    Json body;
};

struct WorldOptions {
    std::filesystem::path directory;  // keys, config, SQLite file
    std::string store_url;            // empty: sqlite in the directory
    std::string store_password_file;
    Instant start{};
    std::string extra_config;  // further TOML sections
    int wechat_deduct_mode = 2;
    unsigned short server_port = 0;  // 0: any free one
};

class World {
public:
    explicit World(WorldOptions options);
    ~World();

    /// Calls our server; `token` becomes the bearer. Throws when there is no answer.
    Reply call(std::string_view method, std::string_view path, const std::string& token = {},
               const std::optional<Json>& body = std::nullopt, const std::string& idempotency_key = {});
    /// The same, and throws std::runtime_error with the answer when the status is not 2xx.
    Json must(std::string_view method, std::string_view path, const std::string& token = {},
              const std::optional<Json>& body = std::nullopt);
    /// Calls the sandbox's control API; throws when the status is not 2xx.
    Json sandbox(std::string_view method, std::string_view path,
                 const std::optional<Json>& body = std::nullopt);

    /// Steps both clocks from one due moment to the next until `to`; everything due has happened then.
    void advance_to(Instant to);
    Instant now();
    /// What is under way now is finished, on both sides.
    void settle();

    const std::string& admin_key() const;
    std::string server_url() const;
    std::string sandbox_url() const;
    std::string config_path() const;
    void stop();

private:
    struct Held;
    std::unique_ptr<Held> held_;
};

}  // namespace wefee::server::demo
