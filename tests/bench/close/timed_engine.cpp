#include "tests/bench/close/timed_engine.hpp"

#include "storage/mysql/mysql_engine.hpp"
#include "storage/sqlite/sqlite_engine.hpp"
#include "storage/url.hpp"

namespace wefee::bench {

namespace {

using namespace storage;
using Sum = std::atomic<std::int64_t>;

class Stopwatch {
public:
    explicit Stopwatch(Sum& sum) : sum_(sum) {}
    ~Stopwatch() { sum_ += std::chrono::nanoseconds(Clock::now() - from_).count(); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    Sum& sum_;
    Clock::time_point from_ = Clock::now();
};

class TimedConnection final : public sql::Connection {
public:
    TimedConnection(std::unique_ptr<sql::Connection> inner, DatabaseTime& time, Sum& statements)
        : inner_(std::move(inner)), time_(time), statements_(statements) {}

    sql::Dialect dialect() const override { return inner_->dialect(); }
    std::int64_t execute(std::string_view text, std::span<const sql::Value> parameters) override {
        const Stopwatch watch(statements_);
        return inner_->execute(text, parameters);
    }
    std::int64_t execute_rows(std::string_view text,
                              std::span<const std::span<const sql::Value>> rows) override {
        const Stopwatch watch(statements_);
        return inner_->execute_rows(text, rows);
    }
    void query(std::string_view text, std::span<const sql::Value> parameters,
               const sql::RowHandler& row) override {
        const Stopwatch watch(statements_);
        inner_->query(text, parameters, row);
    }
    void script(std::string_view text) override { inner_->script(text); }
    void begin() override {
        const Stopwatch watch(statements_);
        inner_->begin();
    }
    void commit() override {
        const Stopwatch watch(time_.commit_ns);
        ++time_.commits;
        inner_->commit();
    }
    void rollback() noexcept override { inner_->rollback(); }
    void savepoint() override {
        const Stopwatch watch(statements_);
        inner_->savepoint();
    }
    void release_savepoint() override {
        const Stopwatch watch(statements_);
        inner_->release_savepoint();
    }
    void rollback_to_savepoint() override { inner_->rollback_to_savepoint(); }
    std::int64_t database_now() override {
        const Stopwatch watch(statements_);
        return inner_->database_now();
    }

private:
    std::unique_ptr<sql::Connection> inner_;
    DatabaseTime& time_;
    Sum& statements_;
};

class TimedEngine final : public sql::Engine {
public:
    TimedEngine(std::unique_ptr<sql::Engine> inner, DatabaseTime& time)
        : inner_(std::move(inner)), time_(time) {}
    sql::Dialect dialect() const override { return inner_->dialect(); }
    std::unique_ptr<sql::Connection> connect() override {
        return std::make_unique<TimedConnection>(inner_->connect(), time_, time_.write_ns);
    }
    std::unique_ptr<sql::Connection> connect_reader() override {
        return std::make_unique<TimedConnection>(inner_->connect_reader(), time_, time_.read_ns);
    }
    std::unique_ptr<sql::Connection> connect_migrator() override { return inner_->connect_migrator(); }
    std::unique_ptr<sql::Connection> connect_checker() override { return inner_->connect_checker(); }
    void thread_begin() override { inner_->thread_begin(); }
    void thread_end() override { inner_->thread_end(); }

private:
    std::unique_ptr<sql::Engine> inner_;
    DatabaseTime& time_;
};

}  // namespace

std::unique_ptr<sql::Engine> make_timed(std::unique_ptr<sql::Engine> engine, DatabaseTime& time) {
    return std::make_unique<TimedEngine>(std::move(engine), time);
}

std::unique_ptr<sql::Engine> engine_of(const std::string& url) {
    const auto parsed = parse_store_url(url);
    return parsed.kind == StoreUrl::Kind::sqlite ? sqlite::make_engine(parsed.path, false)
                                                 : mysql::make_engine(parsed, "");
}

}  // namespace wefee::bench
