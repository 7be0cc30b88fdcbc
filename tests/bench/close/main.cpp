// wefee-close: what a month's close and the taking of events cost, as JSON.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "io/log.hpp"
#include "server/config/config.hpp"
#include "tests/bench/close/measures.hpp"

int main(int argc, char** argv) {
    using namespace wefee;
    CLI::App app{"Measures the month's close, rating and the taking of usage events; for benchmarks only"};
    app.require_subcommand(1);
    std::string url, from, raw_url;
    std::size_t companies = 1'000, events = 100'000, batch = 100, invoices = 20'000;
    auto writers = static_cast<std::size_t>(server::Config{}.store.writers);
    bench::CompanyPlan plan;
    bool manual = false, bills = false;
    const auto with_plan = [&](CLI::App* command) {
        command->add_option("--usage-days", plan.usage_days, "days on which each meter counted something")
            ->check(CLI::Range(1, 31));
        command->add_flag("--manual", manual, "invoices are paid by hand: no consent, no planned deduction");
        return command;
    };
    const auto with_store = [&](CLI::App* command) {
        command->add_option("--store", url, "sqlite:///path or mysql://user@/db?socket=/path")->required();
        return command;
    };
    auto* seed = with_plan(with_store(app.add_subcommand("seed", "companies whose period is over")));
    seed->add_option("--subscriptions", companies, "how many");
    auto* close = with_store(app.add_subcommand("close", "closes all that is due"));
    close->add_option("--writers", writers, "as store.writers");
    auto* raw = with_store(app.add_subcommand("raw", "the rows of a close as raw inserts"));
    raw->add_option("--from", from, "the store that was closed")->required();
    raw->add_flag("--bills", bills, "invoices, lines and charges alone");
    auto* rate = with_plan(app.add_subcommand("rate", "rating alone"));
    rate->add_option("--invoices", invoices, "how many");
    auto* take = with_store(app.add_subcommand("events", "usage events, again, and raw"));
    take->add_option("--raw-store", raw_url, "an empty store for the raw rows")->required();
    take->add_option("--events", events, "how many");
    take->add_option("--batch", batch, "in batches of");
    CLI11_PARSE(app, argc, argv);
    plan.deducted = !manual;
    io::configure_log({.level = io::Level::error});
    try {
        nlohmann::json result = nlohmann::json::object();
        if (*seed)
            bench::seed(url, companies, plan);
        else if (*close)
            result = bench::close_month(url, writers);
        else if (*raw)
            result = bench::insert_closed(url, from, bills);
        else if (*rate)
            result = bench::rate_alone(invoices, plan);
        else if (*take)
            result = bench::take_events(url, raw_url, events, batch);
        std::printf("%s\n", result.dump().c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wefee-close: %s\n", error.what());
        return 1;
    }
}
