// Fresh databases and the loops that tests wait on.
#include "tests/storage/database.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "storage/mysql/mysql_engine.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "storage/url.hpp"
#include "tests/support/private_mariadb.hpp"

namespace wefee::tests {
namespace {

std::string fresh_name() {
    static std::atomic<int> number{0};
    return "t" + std::to_string(::getpid()) + "_" + std::to_string(++number);
}

std::string text_of(const storage::sql::Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return "NULL";
}

/// A plain SQLite handle: takes no file lock, as an intruder would not.
class Handle {
public:
    explicit Handle(const std::string& path) {
        if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK)
            throw std::runtime_error("cannot open " + path);
        sqlite3_busy_timeout(database_, 5'000);
    }
    ~Handle() { sqlite3_close(database_); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    std::vector<std::string> run(const std::string& sql) {
        std::vector<std::string> rows;
        char* error = nullptr;
        const auto add = [](void* out, int count, char** values, char**) {
            std::string row;
            for (int i = 0; i < count; ++i)
                row += (i == 0 ? "" : "|") + std::string(values[i] == nullptr ? "NULL" : values[i]);
            static_cast<std::vector<std::string>*>(out)->push_back(row);
            return 0;
        };
        if (sqlite3_exec(database_, sql.c_str(), add, &rows, &error) != SQLITE_OK) {
            const std::string text = error;
            sqlite3_free(error);
            throw std::runtime_error(text + " in " + sql);
        }
        return rows;
    }

private:
    sqlite3* database_ = nullptr;
};

}  // namespace

Database::Database(Kind kind) : kind_(kind), name_(fresh_name()) {
    if (kind == Kind::mariadb) {
        PrivateMariadb::instance().create_database(name_);
        url_ = PrivateMariadb::instance().url(name_);
        return;
    }
    path_ = (std::filesystem::temp_directory_path() / ("wefee_" + name_ + ".db")).string();
    url_ = "sqlite://" + path_;
}

Database::~Database() {
    try {
        if (kind_ == Kind::mariadb) PrivateMariadb::instance().drop_database(name_);
        for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path_ + suffix);
    } catch (const std::exception&) {
        // The server's folder goes as a whole at the end.
    }
}

storage::StoreOptions Database::options() const {
    storage::StoreOptions options;
    options.url = url_;
    options.readers = 2;
    options.owner = "test";
    return options;
}
std::unique_ptr<storage::Store> Database::open() const { return open(options()); }
std::unique_ptr<storage::Store> Database::open(storage::StoreOptions options) const {
    return storage::Store::open(std::move(options), true);
}

std::unique_ptr<storage::sql::Engine> Database::engine() const {
    if (kind_ == Kind::mariadb) return storage::mysql::make_engine(storage::parse_store_url(url_), "");
    return storage::sqlite::make_engine(path_, false);
}

void Database::execute(const std::string& sql) const {
    if (kind_ == Kind::sqlite) {
        Handle(path_).run(sql);
        return;
    }
    const auto db = engine()->connect_migrator();
    db->script(sql);
}

std::vector<std::string> Database::query(const std::string& sql) const {
    if (kind_ == Kind::sqlite) return Handle(path_).run(sql);
    std::vector<std::string> rows;
    const auto made = engine();
    made->connect_reader()->query(sql, {}, [&](std::span<const storage::sql::Value> values) {
        std::string row;
        for (std::size_t i = 0; i < values.size(); ++i) row += (i == 0 ? "" : "|") + text_of(values[i]);
        rows.push_back(row);
    });
    return rows;
}

void run_all(std::vector<std::function<io::awaitable<void>()>> tasks, unsigned loops) {
    std::exception_ptr failure;
    std::mutex mutex;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts;
    for (unsigned i = 0; i < loops; ++i) contexts.push_back(std::make_unique<boost::asio::io_context>(1));
    for (std::size_t i = 0; i < tasks.size(); ++i)
        boost::asio::co_spawn(*contexts[i % loops], tasks[i], [&](std::exception_ptr error) {
            const std::lock_guard lock(mutex);
            if (error && !failure) failure = error;
        });
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < loops; ++i) threads.emplace_back([&, i] { contexts[i]->run(); });
    contexts[0]->run();
    threads.clear();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace wefee::tests
