#include "server/serve.hpp"

#include <csignal>
#include <future>
#include <thread>

#include <fmt/format.h>

#include "io/http_server.hpp"
#include "io/log.hpp"
#include "io/loop.hpp"
#include "server/app.hpp"
#include "server/config/secrets.hpp"
#include "server/flows/entitlements.hpp"
#include "server/flows/onboard.hpp"
#include "server/flows/watch.hpp"
#include "server/http/problem.hpp"
#include "server/http/router.hpp"
#include "server/metrics.hpp"
#include "server/parts.hpp"
#include "server/workers/workers.hpp"

namespace wefee::server {
namespace {

using std::chrono::milliseconds;

enum RateIndex { rate_callback, rate_api, rate_login, rate_entitlements };

/// Limits of each class of routes, by the configuration.
io::RouteLimits limits_of(RouteClass route_class, const LimitsConfig& l) {
    const auto api = milliseconds{l.deadline_api_ms}, callback = milliseconds{l.deadline_callback_ms};
    switch (route_class) {
        case RouteClass::callback:
            return {static_cast<std::size_t>(l.body_bytes_callback), callback, rate_callback};
        case RouteClass::wecom_callback:
            return {static_cast<std::size_t>(l.body_bytes_wecom), callback, rate_callback};
        case RouteClass::api:
            return {static_cast<std::size_t>(l.body_bytes_api), api, rate_api};
        case RouteClass::ingest:
            return {static_cast<std::size_t>(l.body_bytes_ingest), api, rate_callback};
        case RouteClass::upload:
            return {static_cast<std::size_t>(l.body_bytes_upload), api, rate_api};
        case RouteClass::entitlements:
            return {1'024, api, rate_entitlements};
        case RouteClass::login:
            return {static_cast<std::size_t>(l.body_bytes_api), api, rate_login};
        case RouteClass::health:
            return {1'024, callback, -1};
        case RouteClass::maintenance:
            return {static_cast<std::size_t>(l.body_bytes_api), std::chrono::minutes{10}, -1};
    }
    return {};
}

std::vector<io::AddressRange> ranges(const std::vector<std::string>& texts, const char* key) {
    std::vector<io::AddressRange> parsed;
    for (const auto& text : texts) {
        const auto range = io::AddressRange::parse(text);
        if (!range) throw std::invalid_argument(fmt::format("{}: {} is not an address or range", key, text));
        parsed.push_back(*range);
    }
    return parsed;
}

std::string file_text(const std::string& path) {
    auto text = read_secret_file(path);
    if (!text) throw std::invalid_argument("cannot read " + path);
    return std::move(*text);
}

std::shared_ptr<SSL_CTX> tls_of(const ListenConfig& c) {
    if (c.tls_cert_file.empty()) return nullptr;
    std::vector<io::TlsIdentity> identities{{file_text(c.tls_cert_file), file_text(c.tls_key_file)}};
    if (!c.tls_rsa_cert_file.empty())
        identities.push_back({file_text(c.tls_rsa_cert_file), file_text(c.tls_rsa_key_file)});
    return io::make_tls_server(identities);
}

io::ServerOptions options_of(const Config& c) {
    const auto& l = c.limits;
    io::ServerOptions options;
    options.address = c.listen.address;
    options.loops = c.listen.loops > 0 ? static_cast<unsigned>(c.listen.loops)
                                       : std::max(1u, std::thread::hardware_concurrency());
    options.tls = tls_of(c.listen);
    options.head.block_bytes_max = static_cast<std::size_t>(l.header_bytes);
    options.head.lines_max = static_cast<std::size_t>(l.header_lines);
    options.head.target_bytes_max = static_cast<std::size_t>(l.target_bytes);
    options.head_deadline = milliseconds{l.deadline_api_ms};
    options.tls_handshake_limit = milliseconds{l.handshake_ms};
    options.write_limit = milliseconds{l.write_ms};
    options.idle_limit = milliseconds{l.keep_alive_idle_ms};
    options.requests_per_connection = static_cast<unsigned>(l.requests_per_connection);
    options.connections.all_max = static_cast<std::size_t>(l.connections);
    options.connections.per_address_max = static_cast<std::size_t>(l.connections_per_address);
    options.connections.reserved_max = static_cast<std::size_t>(l.provider_connections);
    options.connections.reserved_ranges = ranges(c.listen.provider_ranges, "listen.provider_ranges");
    options.trusted_proxies = ranges(c.listen.proxies, "listen.proxies");
    options.connections.shared_ranges = options.trusted_proxies;
    const auto login = static_cast<unsigned>(l.rate_login);
    const io::Rate logins{.tokens = login, .burst = login, .per = std::chrono::minutes{1}, .grows = true};
    options.rate_classes = {
        {rate_of(l.rate_callback)}, {rate_of(l.rate_api)}, {logins}, {rate_of(l.rate_entitlements)}};
    options.rate_classes[rate_callback].v4_bits = 24;  // a provider sends from many addresses of a network
    return options;
}

/// Which route a request is for, with its limits; what does not exist is answered before any body is read.
std::variant<io::RouteLimits, io::Response> admit(const LimitsConfig& limits, std::string_view method,
                                                  std::string_view path) {
    const auto match = match_route(method, path);
    if (!match.route) return match.allow.empty() ? problem(Errc::not_found) : method_not_allowed(match.allow);
    return limits_of(match.route->route_class, limits);
}

}  // namespace

struct Server::Held {
    Held(const Config& c, ServeOptions o) : config(c), options(o), parts(c, o.migrate) {
        auto& app = parts.app();
        if (options.http)
            http = std::make_unique<io::HttpServer>(
                options_of(config),
                [limits = config.limits](std::string_view method, std::string_view path) {
                    return admit(limits, method, path);
                },
                [&app](io::Request& request) { return dispatch(app, request); });
        if (!config.listen.metrics_address.empty())
            metrics = std::make_unique<MetricsServer>(app, http.get(), config.listen.metrics_address);
    }

    void start_workers() {
        auto& app = parts.app();
        loop.start("worker");
        loop.post(io::give_way);
        loop.run(schedule_watch(app));
        if (!config.wecom.corp_id.empty())
            loop.run(install_self_built(app, config.wecom.corp_id, config.wecom.agent_id));
        if (options.http) loop.run(start_watching(app));
        if (!options.worker) return;
        workers_done = std::make_shared<std::promise<void>>();
        io::spawn(loop.executor(), app.workers->run(),
                  [done = workers_done](std::exception_ptr) { done->set_value(); });
    }

    /// Entitlements are asked over HTTP: what is held for them is kept true there.
    io::awaitable<void> start_watching(App& app) {
        watching = std::make_unique<io::TaskGroup>(loop.executor());
        watching->start("entitlements", app.entitlements->watch());
        co_return;
    }

    void stop_workers() {
        if (watching) loop.run(watching->stop(io::Duration{}));
        if (workers_done) {
            parts.app().workers->stop();
            workers_done->get_future().wait_for(milliseconds{config.limits.shutdown_ms});
            workers_done.reset();
        }
        loop.stop();
        loop.join();
    }

    Config config;
    ServeOptions options;
    Parts parts;
    io::Loop loop;
    std::unique_ptr<io::TaskGroup> watching;
    std::shared_ptr<std::promise<void>> workers_done;
    std::unique_ptr<io::HttpServer> http;
    std::unique_ptr<MetricsServer> metrics;
    bool stopped = false;
};

Server::Server(const Config& config, ServeOptions options) : held_(std::make_unique<Held>(config, options)) {}
Server::~Server() { stop(); }

void Server::start() {
    held_->start_workers();
    if (held_->metrics) held_->metrics->start();
    if (held_->http) held_->http->start();
}

std::uint16_t Server::port() const { return held_->http ? held_->http->port() : 0; }

void Server::stop() {
    if (std::exchange(held_->stopped, true)) return;
    held_->parts.app().draining = true;
    const milliseconds grace{held_->config.limits.shutdown_ms};
    if (held_->http) held_->http->stop(grace);
    held_->stop_workers();
    if (held_->metrics) held_->metrics->stop();
    held_->parts.close();
}

int serve(const Config& config, ServeOptions options) {
    // Signals are taken by this thread alone: block them before any other starts.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    Server server{config, options};
    server.start();
    io::log(
        io::Level::info, "listening",
        {{"address", config.listen.address}, {"port", server.port()}, {"environment", config.environment}});
    int number = 0;
    sigwait(&signals, &number);
    io::log(io::Level::info, "stopping", {{"signal", number}});
    // The second signal does not wait for anything.
    std::thread([signals] {
        int again = 0;
        sigwait(&signals, &again);
        std::_Exit(1);
    }).detach();
    server.stop();
    io::log(io::Level::info, "stopped", {});
    return 0;
}

}  // namespace wefee::server
