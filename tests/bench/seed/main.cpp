// wefee-seed: fills a store with tenants whose orders wait for their money, for wefee-load's notifications
// and others.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>

#include "io/clock.hpp"
#include "storage/store.hpp"
#include "tests/bench/seed/books.hpp"

namespace {

namespace asio = boost::asio;
using namespace wefee;
using bench::SeedOrder;

constexpr std::size_t orders_a_tenant = 10;

/// Orders of one provider, at most so many, from the front of `rest`.
std::span<const SeedOrder> next_tenant(std::span<const SeedOrder>& rest) {
    std::size_t count = 1;
    while (count < rest.size() && count < orders_a_tenant && rest[count].provider == rest.front().provider)
        ++count;
    const auto taken = rest.first(count);
    rest = rest.subspan(count);
    return taken;
}

io::awaitable<void> write_tenants(storage::Store& store, std::span<const SeedOrder>& rest,
                                  const bench::SeedPlan& plan) {
    while (!rest.empty()) {
        const auto orders = next_tenant(rest);
        const auto& tenant = orders.front().out_trade_no;
        const auto result = co_await store.commit(bench::tenant_books(plan, tenant, orders));
        if (result != storage::CommitResult::applied)
            throw std::runtime_error("tenant " + tenant + " is there already");
    }
}

/// Several writers at once, so that the store commits them in groups.
void seed(const std::string& url, const std::vector<SeedOrder>& orders, const bench::SeedPlan& plan) {
    storage::StoreOptions options;
    options.url = url;
    options.owner = "seed";
    const auto store = storage::Store::open(options, true);
    std::span<const SeedOrder> rest(orders);
    asio::io_context loop(1);
    std::exception_ptr failure;
    for (int writer = 0; writer < 8; ++writer)
        asio::co_spawn(loop, write_tenants(*store, rest, plan),
                       [&failure](std::exception_ptr error) { failure = failure ? failure : error; });
    loop.run();
    store->close();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Fills a store with orders that wait for their money; for benchmarks and tests only"};
    std::string url;
    std::string orders_file;
    std::string now;
    std::int64_t query_after = 1800;
    bench::SeedPlan plan;
    const std::map<std::string, bench::Stage> stages{
        {"sent", bench::Stage::sent}, {"due", bench::Stage::due}, {"owed", bench::Stage::owed}};
    app.add_option("--store", url, "sqlite:///path or mysql://user@/db?socket=/path")->required();
    app.add_option("--orders", orders_file, "orders.csv of wefee-load gen")->required();
    app.add_option("--stage", plan.stage, "sent (default), due or owed")
        ->transform(CLI::CheckedTransformer(stages));
    app.add_option("--suite-id", plan.suite_id, "the tenants have installed this WeCom app");
    app.add_option("--now", now, "RFC 3339; default: the system's time");
    app.add_option("--query-after", query_after, "seconds until the product asks about a sent order (1800)");
    CLI11_PARSE(app, argc, argv);
    try {
        const auto given = now.empty() ? std::optional(io::SystemClock().now()) : parse_instant(now);
        if (!given) throw std::runtime_error("not an instant: " + now);
        plan.now = *given;
        plan.next_query = plan.now + std::chrono::seconds(query_after);
        const auto orders = bench::read_orders(orders_file);
        seed(url, orders, plan);
        std::printf("seeded %zu orders\n", orders.size());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wefee-seed: %s\n", error.what());
        return 1;
    }
}
