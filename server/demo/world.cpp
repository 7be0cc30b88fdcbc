#include "server/demo/world.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/crypto.hpp"
#include "io/http_client.hpp"
#include "io/loop.hpp"
#include "sandbox/sandbox.hpp"
#include "server/config/config.hpp"
#include "server/serve.hpp"

namespace wefee::server::demo {
namespace {

constexpr auto call_limit = std::chrono::minutes{5};

/// A port that is free now: the config names the server's address before the server listens.
unsigned short free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(fd);
    if (!bound) throw std::runtime_error("no free port on loopback");
    return ntohs(address.sin_port);
}

void write_private(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::string read_text(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream{path, std::ios::binary}.rdbuf();
    return text.str();
}

}  // namespace

struct World::Held {
    explicit Held(WorldOptions given) : options(std::move(given)) {
        std::filesystem::create_directories(options.directory);
        const auto port = options.server_port != 0 ? options.server_port : free_port();
        server_url = fmt::format("http://127.0.0.1:{}", port);
        admin_key = "wfk_" + io::random_alphanumeric(43);
        start_sandbox();
        start_server(port);
        io::ClientOptions client;
        client.allow_private = true;
        http = std::make_unique<io::NetHttpClient>(client);
    }

    void start_sandbox() {
        sandbox::Options sandbox_options;
        sandbox_options.start = options.start;
        sandbox_options.wechat_deduct_mode = options.wechat_deduct_mode;
        sandbox_options.point_at(server_url);
        keys = sandbox::Keys::generate();
        the_sandbox = std::make_unique<sandbox::Sandbox>(sandbox_options, keys);
        the_sandbox->start();
        known = sandbox_options;
    }

    void start_server(unsigned short port) {
        sandbox::ServerSettings settings;
        settings.listen_address = fmt::format("127.0.0.1:{}", port);
        settings.public_url = server_url;
        settings.store_url =
            options.store_url.empty()
                ? "sqlite://" + std::filesystem::absolute(options.directory / "wefee.db").string()
                : options.store_url;
        settings.store_password_file = options.store_password_file;
        config_path =
            sandbox::write_config(options.directory, known, keys, the_sandbox->base_url(), settings);
        write_private(options.directory / "admin.key", admin_key);
        const auto written = read_text(config_path);
        write_private(
            config_path,
            fmt::format(
                "admin_key_file = \"{}\"\n{}\n[test]\nclock = \"manual\"\nnow = \"{}\"\n"
                // One client plays everybody, in real time: the limits for many clients would stop it.
                "\n[limits]\nrate_api = 100000\nrate_login = 100000\nrate_member = 100000\nrate_tenant = "
                "100000\n{}",
                std::filesystem::absolute(options.directory / "admin.key").string(), written,
                format_instant(options.start), options.extra_config));
        auto loaded = load_config(config_path.string());
        std::string wrong;
        for (const auto& mistake : loaded.mistakes) wrong += mistake.key + " " + mistake.reason + "; ";
        if (!wrong.empty()) throw std::runtime_error("the generated configuration is wrong: " + wrong);
        the_server = std::make_unique<Server>(loaded.config, ServeOptions{true, true, true});
        the_server->start();
    }

    Reply send(const std::string& url, std::string_view method, const std::string& token,
               const std::optional<Json>& body, const std::string& idempotency_key) {
        io::ClientRequest request;
        request.method = method;
        request.url = url;
        if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
        if (!idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", idempotency_key);
        if (body) {
            request.headers.emplace_back("Content-Type", "application/json");
            request.body = body->dump();
        }
        const auto answer = loop.run(http->send(std::move(request), call_limit));
        Reply reply{answer.status, nullptr};
        if (!answer.body.empty()) {
            auto parsed = Json::parse(answer.body, nullptr, false);
            reply.body = parsed.is_discarded() ? Json(answer.body) : std::move(parsed);
        }
        return reply;
    }

    WorldOptions options;
    std::string server_url, admin_key;
    std::filesystem::path config_path;
    sandbox::Options known;
    sandbox::Keys keys;
    io::Loop loop;
    std::unique_ptr<sandbox::Sandbox> the_sandbox;
    std::unique_ptr<Server> the_server;
    std::unique_ptr<io::HttpClient> http;
};

World::World(WorldOptions options) : held_(std::make_unique<Held>(std::move(options))) {}
World::~World() { stop(); }

Reply World::call(std::string_view method, std::string_view path, const std::string& token,
                  const std::optional<Json>& body, const std::string& idempotency_key) {
    return held_->send(held_->server_url + std::string{path}, method, token, body, idempotency_key);
}

Json World::must(std::string_view method, std::string_view path, const std::string& token,
                 const std::optional<Json>& body) {
    auto reply = call(method, path, token, body);
    if (reply.status < 200 || reply.status > 299)
        throw std::runtime_error(
            fmt::format("{} {} answered {}: {}", method, path, reply.status, reply.body.dump()));
    return std::move(reply.body);
}

Json World::sandbox(std::string_view method, std::string_view path, const std::optional<Json>& body) {
    auto reply = held_->send(held_->the_sandbox->base_url() + std::string{path}, method, "", body, "");
    if (reply.status < 200 || reply.status > 299)
        throw std::runtime_error(
            fmt::format("sandbox {} {} answered {}: {}", method, path, reply.status, reply.body.dump()));
    return std::move(reply.body);
}

Instant World::now() {
    return from_millis(must("GET", "/admin/v1/test-clock", held_->admin_key)["now_ms"].get<std::int64_t>());
}

void World::settle() {
    sandbox("POST", "/sandbox/settle", Json::object());
    must("POST", "/admin/v1/test-clock", held_->admin_key, Json{{"advance_seconds", 0}});
    sandbox("POST", "/sandbox/settle", Json::object());
    must("POST", "/admin/v1/test-clock", held_->admin_key, Json{{"advance_seconds", 0}});
}

void World::advance_to(Instant to) {
    settle();  // what was asked for just now is under way on both sides, and due when it will be
    // Each step ends at the next moment at which either side has something to do. The server arrives a second
    // early, then the sandbox, then the server: neither sees the other's signatures more than a second off.
    for (;;) {
        const auto ours = must("GET", "/admin/v1/test-clock", held_->admin_key);
        const auto theirs = sandbox("GET", "/sandbox/clock");
        const auto now_ms = ours["now_ms"].get<std::int64_t>();
        auto step = to_millis(to);
        if (ours.contains("next_due_ms"))
            step = std::min(step, std::max(now_ms, ours["next_due_ms"].get<std::int64_t>()));
        if (theirs.contains("next_due_ms") && theirs["next_due_ms"].is_number())
            step = std::min(step, std::max(now_ms, theirs["next_due_ms"].get<std::int64_t>()));
        if (step - 1'000 > now_ms)
            must("POST", "/admin/v1/test-clock", held_->admin_key, Json{{"to_ms", step - 1'000}});
        if (step > theirs["now_ms"].get<std::int64_t>())
            sandbox("POST", "/sandbox/clock", Json{{"to_ms", step}});
        must("POST", "/admin/v1/test-clock", held_->admin_key, Json{{"to_ms", step}});
        settle();
        if (step >= to_millis(to)) return;
    }
}

const std::string& World::admin_key() const { return held_->admin_key; }
std::string World::server_url() const { return held_->server_url; }
std::string World::sandbox_url() const { return held_->the_sandbox->base_url(); }
std::string World::config_path() const { return held_->config_path.string(); }

void World::stop() {
    if (held_->the_server) held_->the_server->stop();
    if (held_->the_sandbox) held_->the_sandbox->stop();
}

}  // namespace wefee::server::demo
