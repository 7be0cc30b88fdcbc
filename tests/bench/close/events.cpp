// Usage events from read JSON to committed totals, several batches under way at once; and their rows alone.
#include <chrono>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "server/flows/ingest.hpp"
#include "server/flows/usage_reading.hpp"
#include "storage/statements.hpp"
#include "tests/bench/close/measures.hpp"
#include "tests/bench/close/raw.hpp"
#include "tests/bench/close/timed_engine.hpp"
#include "tests/support/standing_app.hpp"

namespace wefee::bench {

namespace {

namespace asio = boost::asio;
constexpr std::size_t senders = 8;
constexpr std::size_t companies = 100;
const Instant during = day_start(period_start) + std::chrono::hours{24 * 5};

nlohmann::json event(std::size_t number) {
    return {{"id", fmt::format("evt-{:012}", number)},
            {"tenant", fmt::format("wpbench{:08}", number / 100 % companies)},
            {"meter", "messages"},
            {"quantity", 3},
            {"occurred_at", fmt::format("2026-10-0{}T0{}:00:00+08:00", 2 + number % 4, number % 10)}};
}

struct Stream {
    std::size_t next = 0, all = 0, batch = 0;
    std::map<std::string, std::size_t> results = {};
};

io::awaitable<void> send(server::App& app, Stream& stream) {
    while (stream.next < stream.all) {
        std::vector<server::UsageReading> readings;
        for (; readings.size() < stream.batch && stream.next < stream.all; ++stream.next)
            readings.push_back(server::read_usage(event(stream.next), "/events"));
        for (const auto& answer : co_await server::ingest_usage(app, {}, std::move(readings)))
            ++stream.results[answer.result];
    }
}

/// All events once; how long that took.
double send_all(storage::Store& store, Stream& stream) {
    tests::StandingApp bench{store, during};
    asio::io_context loop{1};
    std::exception_ptr failure;
    for (std::size_t sender = 0; sender < senders; ++sender)
        asio::co_spawn(loop, send(bench.app, stream),
                       [&](std::exception_ptr error) { failure = failure ? failure : error; });
    const auto from = std::chrono::steady_clock::now();
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

double insert_events(const std::string& url, const std::string& from, std::size_t batch) {
    using namespace storage;
    const auto source = engine_of(from), target = engine_of(url);
    source->thread_begin();
    const auto& table = table_text<UsageEventRow>();
    std::vector<RowValues> rows;
    double seconds = 0;
    {
        source->connect_reader()->query(
            "SELECT " + column_list(table.inserted, "t") + " FROM usage_event t ORDER BY t.event_id", {},
            [&](std::span<const sql::Value> row) { rows.emplace_back(row.begin(), row.end()); });
        const auto db = fresh(*target);
        const auto start = std::chrono::steady_clock::now();
        for (std::span<const RowValues> rest(rows); !rest.empty();
             rest = rest.subspan(std::min(batch, rest.size()))) {
            db->begin();
            insert_raw(*db, table, rest.first(std::min(batch, rest.size())));
            db->commit();
        }
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    source->thread_end();
    return seconds;
}

}  // namespace

nlohmann::json take_events(const std::string& url, const std::string& raw_url, std::size_t events,
                           std::size_t batch) {
    seed(url, companies, {.deducted = false, .usage_days = 1});
    Stream first{.all = events, .batch = batch}, again = first;
    double seconds = 0, again_seconds = 0;
    {
        storage::StoreOptions options;
        options.url = url;
        options.owner = "bench";
        const auto store = storage::Store::open(options, false);
        seconds = send_all(*store, first);
        again_seconds = send_all(*store, again);
        store->close();
    }
    if (first.results["accepted"] != events || again.results["duplicate"] != events)
        throw std::runtime_error(nlohmann::json{{"first", first.results}, {"again", again.results}}.dump());
    const auto raw_seconds = insert_events(raw_url, url, batch);
    const auto count = static_cast<double>(events);
    return {{"events", events},
            {"events_per_second", count / seconds},
            {"repeats_per_second", count / again_seconds},
            {"raw_per_second", count / raw_seconds}};
}

}  // namespace wefee::bench
