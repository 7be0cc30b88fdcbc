// wefee-seed: fills a store with tenants whose orders wait for the notifications that wefee-load made.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
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
    while (count < rest.size() && count < orders_a_tenant && rest[count].provider == rest.front().provider) ++count;
    const auto taken = rest.first(count);
    rest = rest.subspan(count);
    return taken;
}

io::awaitable<void> write_tenants(storage::Store& store, std::span<const SeedOrder>& rest, Instant now,
                                  Instant next_query) {
    while (!rest.empty()) {
        const auto orders = next_tenant(rest);
        const auto& tenant = orders.front().out_trade_no;
        const auto result = co_await store.commit(bench::tenant_books(tenant, orders, now, next_query));
        if (result != storage::CommitResult::applied) throw std::runtime_error("tenant " + tenant + " is there already");
    }
}

/// Several writers at once, so that the store commits them in groups.
void seed(const std::string& url, const std::vector<SeedOrder>& orders, std::chrono::seconds query_after) {
    storage::StoreOptions options;
    options.url = url;
    options.owner = "seed";
    const auto store = storage::Store::open(options, true);
    const auto now = io::SystemClock().now();
    std::span<const SeedOrder> rest(orders);
    asio::io_context loop(1);
    std::exception_ptr failure;
    for (int writer = 0; writer < 8; ++writer)
        asio::co_spawn(loop, write_tenants(*store, rest, now, now + query_after),
                       [&failure](std::exception_ptr error) { failure = failure ? failure : error; });
    loop.run();
    store->close();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Fills a store with orders that wait for their notifications; for benchmarks and tests only"};
    std::string url;
    std::string orders_file;
    std::int64_t query_after = 1800;
    app.add_option("--store", url, "sqlite:///path or mysql://user@/db?socket=/path")->required();
    app.add_option("--orders", orders_file, "orders.csv of wefee-load gen")->required();
    app.add_option("--query-after", query_after, "seconds until the product asks about an order by itself (1800)");
    CLI11_PARSE(app, argc, argv);
    try {
        const auto orders = bench::read_orders(orders_file);
        seed(url, orders, std::chrono::seconds(query_after));
        std::printf("seeded %zu orders\n", orders.size());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wefee-seed: %s\n", error.what());
        return 1;
    }
}
