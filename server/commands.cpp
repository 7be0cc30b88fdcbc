#include "server/commands.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/clock.hpp"
#include "io/loop.hpp"
#include "sandbox/sandbox.hpp"
#include "server/command_line.hpp"
#include "server/commands_usage.hpp"
#include "server/config/config.hpp"
#include "server/flows/explain.hpp"
#include "server/flows/ingest.hpp"
#include "server/flows/price_lists.hpp"
#include "server/parts.hpp"
#include "server/serve.hpp"

namespace wefee::server {
namespace {

std::unique_ptr<storage::Store> open_beside(const Config& config) {
    return storage::Store::open(store_options(config), false, true);
}

}  // namespace

int run_serve(const std::string& config_path, const std::string& roles) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    ServeOptions options;
    options.http = roles.find("http") != std::string::npos;
    options.worker = roles.find("worker") != std::string::npos;
    if (roles != "http,worker" && roles != "worker,http" && roles != "http" && roles != "worker") {
        fmt::print(stderr, "wefee: --roles takes http, worker or http,worker\n");
        return exit_usage;
    }
    // The test environment has no operator who would run `wefee migrate`.
    options.migrate = config->testing();
    return guarded([&] { return serve(*config, options); });
}

int run_verify(const std::string& config_path) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return guarded([&] {
        io::Loop loop;  // first: the store's threads touch it until they are joined
        const auto store = open_beside(*config);
        const auto now = config->test.now.value_or(io::SystemClock{}.now());
        auto violations = loop.run(store->check_invariants(now, Fen{config->collection.approval_limit_fen}));
        for (auto& broken : loop.run(store->check_audit_chain())) violations.push_back(std::move(broken));
        PriceLists lists;
        for (auto& broken : loop.run(store->check_usage(usage_reader(lists))))
            violations.push_back(std::move(broken));
        for (const auto& violation : violations) {
            fmt::print("{} broken: {}\n", violation.number, violation.says);
            for (const auto& row : violation.rows) fmt::print("  {}\n", row);
        }
        if (violations.empty())
            fmt::print(
                "all invariants hold; the audit chain is whole; usage totals are what the events come to\n");
        return violations.empty() ? 0 : exit_failure;
    });
}

int run_migrate(const std::string& config_path) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return guarded([&] {
        storage::Store::open(store_options(*config), true)->close();
        fmt::print("the store is up to date\n");
        return 0;
    });
}

int run_explain(const std::string& config_path, const std::string& id) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return guarded([&] {
        io::Loop loop;
        Parts parts{*config, false, true};
        const auto chain = loop.run(explain_id(parts.app(), {}, id));
        fmt::print("{}\n", chain.dump(2));
        return 0;
    });
}

int run_usage_import(const std::string& config_path, const std::string& file) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    return guarded([&] { return import_usage(*config, file) ? 0 : exit_failure; });
}

int run_config(const std::string& config_path) {
    const auto config = usable_config(config_path);
    if (!config) return exit_usage;
    fmt::print("{}", show_config(*config));
    return 0;
}

int run_version() {
    fmt::print("wefee 0.1.0\n");
    return 0;
}

int run_sandbox(unsigned port, const std::string& directory) {
    if (port == 0 || port > 65'535) {
        fmt::print(stderr, "wefee: --port takes 1 to 65535\n");
        return exit_usage;
    }
    return guarded([&] {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        sandbox::Options options;
        options.port = static_cast<unsigned short>(port);
        const std::string server_url = "http://127.0.0.1:8443";
        options.point_at(server_url);
        const auto keys = sandbox::Keys::generate();
        sandbox::Sandbox sandbox{options, keys};
        sandbox.start();
        fmt::print("the sandbox listens on {}\n", sandbox.base_url());
        if (!directory.empty()) {
            sandbox::ServerSettings server;
            server.public_url = server_url;
            server.store_url = "sqlite://" + (std::filesystem::absolute(directory) / "wefee.db").string();
            const auto path = sandbox::write_config(directory, options, keys, sandbox.base_url(), server);
            fmt::print("a server that talks to it: wefee serve --config {}\n", path.string());
        }
        std::fflush(stdout);
        int number = 0;
        sigwait(&signals, &number);
        sandbox.stop();
        return 0;
    });
}

}  // namespace wefee::server
