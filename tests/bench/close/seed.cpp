// Companies through the product's own transactions; their day totals straight into the table.
#include <boost/asio/co_spawn.hpp>

#include "io/loop.hpp"
#include "storage/statements.hpp"
#include "storage/store.hpp"
#include "tests/bench/close/measures.hpp"
#include "tests/bench/close/timed_engine.hpp"

namespace wefee::bench {

namespace {

constexpr std::size_t together = 256;
constexpr std::size_t rows_a_statement = 64;

io::awaitable<void> found(storage::Store& store, std::size_t companies, const CompanyPlan& plan) {
    co_await store.commit(price_list_founding());
    for (std::size_t number = 0; number < companies;) {
        std::vector<storage::Changes> all;
        for (; number < companies && all.size() < together; ++number)
            all.push_back(company_founding(number, plan));
        for (const auto& committed : co_await store.commit_all(std::move(all)))
            if (committed.failure) std::rethrow_exception(committed.failure);
    }
}

void insert_usage(storage::sql::Connection& db, std::size_t companies, const CompanyPlan& plan) {
    const auto& table = storage::table_text<storage::UsageTotalRow>();
    std::vector<storage::RowValues> rows;
    const auto flush = [&] {
        std::vector<std::span<const storage::sql::Value>> bound(rows.begin(), rows.end());
        if (!bound.empty()) db.execute_rows(storage::insert_text(table, db.dialect(), bound.size()), bound);
        rows.clear();
    };
    for (std::size_t number = 0; number < companies; ++number) {
        if (number % 1'000 == 0) {
            if (number > 0) db.commit();
            db.begin();
        }
        for (const auto& row : company_usage(number, plan)) {
            rows.push_back(storage::insert_values(row));
            if (rows.size() == rows_a_statement) flush();
        }
    }
    flush();
    db.commit();
}

}  // namespace

void seed(const std::string& url, std::size_t companies, const CompanyPlan& plan) {
    {
        storage::StoreOptions options;
        options.url = url;
        options.owner = "seed";
        const auto store = storage::Store::open(options, true);
        io::Loop loop;
        loop.run(found(*store, companies, plan));
        store->close();
    }
    const auto engine = engine_of(url);
    engine->thread_begin();
    insert_usage(*engine->connect(), companies, plan);
    engine->thread_end();
}

}  // namespace wefee::bench
