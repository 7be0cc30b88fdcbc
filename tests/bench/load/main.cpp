// wefee-load: makes signed provider notifications (gen) and replays them against a server on loopback (run).
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <functional>

#include "tests/bench/load/generate.hpp"
#include "tests/bench/load/replay.hpp"

namespace {

using namespace wefee::bench;

void add_gen(CLI::App& app, std::function<int()>& chosen) {
    static GenerateOptions options;
    auto* gen = app.add_subcommand("gen", "make keys when missing, and distinct signed notifications");
    gen->add_option("--keys", options.keys, "folder of the keys and of wefee.toml")->required();
    gen->add_option("--out", options.out, "folder for *.bin and orders.csv")->required();
    gen->add_option("--wechat", options.wechat, "how many WeChat Pay v3 notifications");
    gen->add_option("--alipay", options.alipay, "how many Alipay notifications");
    gen->add_option("--wecom", options.wecom, "how many WeCom callbacks");
    gen->callback([&chosen] {
        chosen = [] {
            generate(options);
            return 0;
        };
    });
}

void add_run(CLI::App& app, std::function<int()>& chosen) {
    static ReplayOptions options;
    static std::string file;
    static std::int64_t limit_seconds = 120;
    auto* run =
        app.add_subcommand("run", "replay a file; prints JSON; exit 1 when an answer was not a success");
    run->add_option("--file", file, "made by gen")->required();
    run->add_option("--port", options.port, "of the server on 127.0.0.1")->required();
    run->add_option("--connections", options.connections, "kept connections (64)")
        ->check(CLI::Range(1, 10'000));
    run->add_option("--count", options.count, "only the first so many");
    run->add_option("--warm-up", options.warm_up, "the first so many are sent but not measured");
    run->add_option("--rate", options.rate, "open loop: requests a second, latency from the moment due");
    run->add_option("--time-limit", limit_seconds, "seconds after which the rest counts as failed (120)");
    run->add_option("--server-pid", options.server, "processes whose CPU and memory are the server's");
    run->add_option("--database-pid", options.database, "processes whose CPU and memory are the database's");
    run->callback([&chosen] {
        chosen = [] {
            options.time_limit = std::chrono::seconds(limit_seconds);
            const NotificationFile notifications(file);
            const auto result = replay(notifications, options);
            std::puts(to_json(result).c_str());
            return result.failed == 0 ? 0 : 1;
        };
    });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Load generator of signed provider notifications, for loopback only"};
    app.require_subcommand(1);
    std::function<int()> chosen;
    add_gen(app, chosen);
    add_run(app, chosen);
    CLI11_PARSE(app, argc, argv);
    try {
        return chosen();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wefee-load: %s\n", error.what());
        return 2;
    }
}
