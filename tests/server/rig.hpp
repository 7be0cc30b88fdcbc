// A running server in a folder of its own, with the vectors' keys and a clock that stands still; workers are
// off unless asked for, so that what came in stays to be counted.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "billing/time.hpp"
#include "server/serve.hpp"
#include "storage/store.hpp"
#include "tests/server/raw_http.hpp"

namespace wefee::server::tests {

using Json = nlohmann::json;

/// tests/data/<name>, as bytes. Throws when there is none.
std::string data(const std::string& name);
std::string data_path(const std::string& name);
std::vector<Json> wecom_vectors(const std::string& file);

/// Deleted with all that is in it.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    /// A file that only its owner may read; gives its path.
    std::string file(const std::string& name, const std::string& text) const;

private:
    std::filesystem::path path_;
};

struct Counts {
    std::int64_t inbox = 0;
    std::int64_t quarantine = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
};

class Rig {
public:
    explicit Rig(Instant now);
    ~Rig();

    Folder folder;
    Instant now;
    std::string store_url;  // SQLite in the folder; may be changed before start()
    std::string rates =     // one sender plays all of them
        "rate_callback = 100000\nrate_api = 100000\nrate_login = 100000\nrate_member = 100000\nrate_tenant = "
        "100000\n";
    std::string limits;  // further lines of [limits]
    bool worker = false;

    /// The whole configuration: what every test needs, and these sections.
    std::string config_text(const std::string& sections) const;
    /// Loads it and listens. Throws std::runtime_error with the mistakes, or what the server throws.
    void start(const std::string& sections);
    void stop();

    RawReply get(std::string_view target, const Headers& headers = {}) const;
    RawReply post(std::string_view target, std::string_view body, const Headers& headers = {}) const;
    /// A JSON call with a bearer token.
    RawReply call(std::string_view method, std::string_view target, const std::string& token,
                  const std::string& body = {}, Headers headers = {}) const;

    const std::string& admin_key() const { return admin_key_; }
    /// What an operator is told by GET /admin/v1/verify; fails the test when an invariant is broken.
    Counts counts() const;
    /// One column of a SQLite query, read beside the running server.
    std::vector<std::string> column(const std::string& sql) const;
    /// Puts rows into the store before start().
    void seed(const std::function<io::awaitable<void>(storage::Store&)>& write) const;
    std::uint16_t port() const;

private:
    storage::StoreOptions options() const;
    std::string admin_key_;
    std::unique_ptr<Server> server_;
};

/// Sections of WeChat Pay and Alipay alone.
std::string payment_providers();

/// Sections of all three providers with the vectors' keys: WeChat Pay in public-key mode with MD5, Alipay in
/// key mode, a self-built WeCom app. Nobody answers at their addresses.
std::string all_providers(const Rig& rig);

/// One request of a family of vectors and what must come back.
struct Delivery {
    std::string name;
    std::string method = "POST";
    std::string target;
    Headers headers;
    std::string body;
    int status = 200;
    std::optional<std::string> answer;  // exact body
};

/// Sends all, twice: the same answers both times, one inbox row an accepted message, refused ones in
/// quarantine only. `accepted` counts different accepted messages; GET checks leave no row of either kind.
void deliver_twice(const Rig& rig, const std::vector<Delivery>& deliveries, std::int64_t accepted);

}  // namespace wefee::server::tests
