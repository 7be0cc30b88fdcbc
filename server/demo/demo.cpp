// `wefee demo`: the month, narrated; then it serves on and prints what to try.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "io/crypto.hpp"
#include "io/log.hpp"
#include "server/commands.hpp"
#include "server/demo/month.hpp"

namespace wefee::server {
namespace {

using namespace demo;

void print_next_steps(World& world, const Month& month) {
    const auto code = world.sandbox(
        "POST", "/sandbox/login-codes",
        Json{{"kind", "wecom"}, {"corpid", month.wechat.corp_id}, {"userid", month.wechat.user}});
    const auto session = world.must("POST", "/api/v1/session", "", Json{{"code", code["code"]}});
    fmt::print(
        "\nStill serving; end it with Ctrl-C. Try:\n"
        "  curl {0}/public/v1/price-lists/current\n"
        "  curl -H 'Authorization: Bearer {1}' {0}/api/v1/overview\n"
        "  curl -H 'Authorization: Bearer {1}' {0}/api/v1/invoices/{2}\n"
        "  curl -H 'Authorization: Bearer {1}' {0}/api/v1/explain/{3}\n"
        "  curl -H 'Authorization: Bearer {4}' {0}/admin/v1/verify\n"
        "  curl {5}/sandbox/books\n"
        "  wefee verify --config {6}\n",
        world.server_url(), session["token"].get<std::string>(), month.wechat.invoice_id,
        month.wechat.charge_id, world.admin_key(), world.sandbox_url(), world.config_path());
    std::fflush(stdout);
}

std::filesystem::path working_folder(const std::string& wanted) {
    if (!wanted.empty()) return wanted;
    return std::filesystem::temp_directory_path() / ("wefee-demo-" + io::random_alphanumeric(8));
}

}  // namespace

int run_demo(bool once, const std::string& directory) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    io::LogSettings quiet;
    quiet.level = io::Level::warning;
    quiet.format = io::LogFormat::text;
    io::configure_log(quiet);
    const auto folder = working_folder(directory);
    int step = 0, result = 0;
    const Narrator tell = [&](const std::string& text) {
        fmt::print("{:>3}  {}\n", ++step, text);
        std::fflush(stdout);
    };
    std::optional<World> world;
    try {
        WorldOptions options;
        options.directory = folder;
        options.start = at_local(std::chrono::year{2026} / 10 / 1, std::chrono::hours{9});
        world.emplace(options);
        tell(fmt::format("wefee serves on {}, the providers' sandbox on {}; the clock stands at {}",
                         world->server_url(), world->sandbox_url(), format_instant(options.start)));
        const auto month = run_month(*world, tell);
        show_books(*world, month, tell);
        if (!once) {
            print_next_steps(*world, month);
            int number = 0;
            sigwait(&signals, &number);
        }
    } catch (const std::exception& error) {
        fmt::print(stderr, "demo: {}\n", error.what());
        result = 1;
    }
    if (world) world->stop();
    if (directory.empty()) std::filesystem::remove_all(folder);
    return result;
}

}  // namespace wefee::server
