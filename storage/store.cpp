// Opening, closing and being ready.
#include "storage/store.hpp"

#include "io/crypto.hpp"
#include "storage/migrations/migrations.hpp"
#include "storage/mysql/mysql_engine.hpp"
#include "storage/parts.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "storage/url.hpp"

namespace wefee::storage {
namespace {

std::unique_ptr<sql::Engine> make_engine(const StoreOptions& options, bool read_only) {
    const auto url = parse_store_url(options.url);
    if (url.kind == StoreUrl::Kind::sqlite) return sqlite::make_engine(url.path, read_only);
    return mysql::make_engine(url, options.password);
}

/// SQLite's file is ours alone to look after: a damaged one is not written to. MySQL servers check their own.
void refuse_a_damaged_file(sql::Connection& db) {
    if (db.dialect() != sql::Dialect::sqlite) return;
    std::string answer;
    db.query("PRAGMA quick_check(1)", {}, [&](std::span<const sql::Value> row) { answer = as_text(row[0]); });
    if (answer != "ok")
        throw sql::Error(sql::ErrorClass::broken, 0, "the database file is damaged: " + answer);
}

void check_schema(sql::Engine& engine, const StoreOptions& options, bool apply, bool read_only) {
    engine.thread_begin();
    try {
        const auto db = engine.connect_migrator();
        if (!read_only) refuse_a_damaged_file(*db);
        migrate(*db, migrations(),
                {.apply = apply, .owner = options.owner + "/" + io::random_alphanumeric(12)});
    } catch (...) {
        engine.thread_end();
        throw;
    }
    engine.thread_end();
}

}  // namespace

std::unique_ptr<Store> Store::open(StoreOptions options, bool migrate, bool read_only) {
    try {
        auto engine = make_engine(options, read_only);
        return open_on(std::move(engine), std::move(options), migrate, read_only);
    } catch (const sql::Error& error) {
        if (error.error_class() == sql::ErrorClass::broken) throw;
        throw Unavailable(error.what());
    }
}

std::unique_ptr<Store> Store::open_on(std::unique_ptr<sql::Engine> engine, StoreOptions options, bool migrate,
                                      bool read_only) {
    check_schema(*engine, options, migrate && !read_only, read_only);
    auto parts = std::make_unique<Parts>();
    parts->engine = std::move(engine);
    parts->readers = std::make_unique<Readers>(*parts->engine, options.readers, options.queue_max);
    if (!read_only)
        parts->writer =
            std::make_unique<Writer>(*parts->engine, WriterOptions{.threads = options.writers,
                                                                   .queue_max = options.queue_max,
                                                                   .batch_max = options.batch_max,
                                                                   .group_commit = options.group_commit});
    parts->options = std::move(options);
    return std::make_unique<Store>(std::move(parts));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Store::~Store() { close(); }

void Store::close() {
    if (parts_->writer) parts_->writer->close();
    parts_->readers->close();
}

awaitable<bool> Store::ready() {
    try {
        co_return co_await parts_->read<bool>(
            [](sql::Connection& db, bool& ready) { ready = schema_is_current(db, migrations()); });
    } catch (const Unavailable&) {
        co_return false;
    }
}

}  // namespace wefee::storage
