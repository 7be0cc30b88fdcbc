// The serving process is killed at random, fifty times, while the providers' notifications pour in: what was
// acknowledged is in the inbox, every charge is collected once, and the provider's books equal ours.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "io/crypto.hpp"
#include "io/http_client.hpp"
#include "io/loop.hpp"
#include "sandbox/sandbox.hpp"
#include "storage/store.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::server {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kills = 50;
constexpr int orders = 1'000;  // each is sent twice
constexpr std::int64_t amount = 4'200;
constexpr auto patience = std::chrono::minutes{4};

/// Starts a program; its output goes to `log`.
pid_t start(const std::vector<std::string>& command, const fs::path& log) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    std::vector<char*> arguments;
    for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

int end(pid_t pid, int signal) {
    ::kill(pid, signal);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return status;
}

int run_to_end(const std::vector<std::string>& command, const fs::path& log) {
    int status = 0;
    ::waitpid(start(command, log), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct Scene {
    fs::path folder = fs::temp_directory_path() / ("wefee-kill-" + io::random_alphanumeric(8));
    io::Loop loop;
    io::NetHttpClient http{{.allow_private = true}};
    ~Scene() { fs::remove_all(folder); }

    json post(const std::string& url, const json& body) {
        auto answer =
            loop.run(http.send({"POST", url, {{"Content-Type", "application/json"}}, body.dump()}, patience));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::parse(answer.body);
    }
    json get(const std::string& url) {
        return json::parse(loop.run(http.send({"GET", url, {}, {}}, patience)).body);
    }
};

/// By how many payments were acknowledged, however fast the machine is, and in the first half of them, so
/// that the last kill is in time, too. Each fifth follows the one before at once: it finds a server that
/// starts.
std::vector<int> kill_points(std::mt19937_64& random) {
    std::uniform_int_distribution within{0, orders / 2};
    std::vector<int> points;
    while (points.size() < kills) points.push_back(points.size() % 5 == 4 ? points.back() : within(random));
    std::ranges::sort(points);
    return points;
}

void survive(const std::string& store_url, std::uint64_t seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Scene scene;
    fs::create_directories(scene.folder);
    const std::string port = "18473", base = "http://127.0.0.1:" + port;
    sandbox::Options options;
    options.point_at(base);
    const auto keys = sandbox::Keys::generate();
    sandbox::Sandbox providers{options, keys};
    providers.start();
    sandbox::ServerSettings settings;
    settings.listen_address = "127.0.0.1:" + port;
    settings.public_url = base;
    settings.store_url = store_url.empty() ? "sqlite://" + (scene.folder / "wefee.db").string() : store_url;
    const auto config =
        sandbox::write_config(scene.folder / "conf", options, keys, providers.base_url(), settings).string();
    std::ofstream{config, std::ios::app}
        << "\n[limits]\nrate_callback = 1000000\nconnections_per_address = 1000\n";

    json payments = json::array();
    {
        std::ofstream list{scene.folder / "orders.csv"};
        list << "provider,mchid,out_trade_no,amount_fen,transaction_id,payer\n";
        for (int i = 0; i < orders; ++i) {
            const auto number = fmt::format("KILL{:06}", i);
            list << fmt::format("wechat,{},{},{},,payer\n", options.wechat_mchid, number, amount);
            payments.push_back({{"provider", "wechat"}, {"out_trade_no", number}, {"amount_fen", amount}});
        }
    }
    ASSERT_EQ(run_to_end({WEFEE_PROGRAM, "migrate", "--config", config}, scene.folder / "log"), 0);
    ASSERT_EQ(run_to_end({WEFEE_SEED, "--store", settings.store_url, "--orders",
                          (scene.folder / "orders.csv").string(), "--suite-id", options.wecom_suite_id},
                         scene.folder / "log"),
              0);

    std::mt19937_64 random{seed};
    auto server = start({WEFEE_PROGRAM, "serve", "--config", config}, scene.folder / "log");
    scene.post(providers.base_url() + "/sandbox/deliver", {{"payments", payments},
                                                           {"repeats", 1},
                                                           {"concurrency", 8},
                                                           {"tries", 100'000},
                                                           {"retry_ms", 20},
                                                           {"wait", false}});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    json flood;
    const auto watch_while = [&](auto&& goes_on) {
        do flood = scene.get(providers.base_url() + "/sandbox/deliver");
        while (goes_on() && std::chrono::steady_clock::now() < deadline);
    };
    for (const int point : kill_points(random)) {
        watch_while([&] { return flood["accepted"] < point; });
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % 30});
        end(server, SIGKILL);
        server = start({WEFEE_PROGRAM, "serve", "--config", config}, scene.folder / "log");
    }
    EXPECT_TRUE(flood["running"].get<bool>()) << "all kills are in the midst of it";
    watch_while([&] { return flood["running"].get<bool>(); });
    EXPECT_EQ(flood["accepted"], orders) << flood.dump().substr(0, 500);
    EXPECT_EQ(flood["given_up"], 0);

    storage::Store::Counts counts;
    const auto store =
        storage::Store::open({.url = settings.store_url, .password = "", .owner = ""}, false, true);
    do counts = scene.loop.run(store->counts());
    while (counts.charges_collected < orders && std::chrono::steady_clock::now() < deadline);
    EXPECT_EQ(counts.inbox, orders);
    EXPECT_EQ(counts.charges_collected, orders);
    const auto status = end(server, SIGTERM);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "a polite stop ends with 0, not " << status;
    EXPECT_EQ(run_to_end({WEFEE_PROGRAM, "verify", "--config", config}, scene.folder / "log"), 0);
    const auto books = scene.get(providers.base_url() + "/sandbox/books");
    EXPECT_EQ(books["totals"]["wechat"]["taken_fen"], orders * amount);
    const auto takings = scene.loop.run(store->takings());
    ASSERT_EQ(takings.size(), 1u);
    EXPECT_EQ(takings.front().paid.count(), orders * amount);
    EXPECT_TRUE(books["failed_checks"].empty()) << books["failed_checks"].dump();
}

TEST(Kill, FiftyTimesOnSqliteLosesNothingAndTakesNothingTwice) { survive("", 20'261'124); }

TEST(MysqlKill, FiftyTimesOnMariadbLosesNothingAndTakesNothingTwice) {
    auto& mariadb = tests::PrivateMariadb::instance();
    mariadb.create_database("kills");
    survive(mariadb.url("kills"), 20'261'125);
}

}  // namespace
}  // namespace wefee::server
