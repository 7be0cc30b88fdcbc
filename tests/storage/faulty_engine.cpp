// Wraps a real engine; only writers' connections are touched.
#include "tests/storage/faulty_engine.hpp"

namespace wefee::tests {
namespace {

using namespace storage;
using sql::ErrorClass;

class FaultyConnection final : public sql::Connection {
public:
    FaultyConnection(std::unique_ptr<sql::Connection> inner, std::shared_ptr<Faults> faults)
        : inner_(std::move(inner)), faults_(std::move(faults)) {}
    sql::Dialect dialect() const override { return inner_->dialect(); }
    std::int64_t execute(std::string_view text, std::span<const sql::Value> parameters) override {
        check(text);
        return inner_->execute(text, parameters);
    }
    std::int64_t execute_rows(std::string_view text,
                              std::span<const std::span<const sql::Value>> rows) override {
        check(text);
        return inner_->execute_rows(text, rows);
    }
    void query(std::string_view text, std::span<const sql::Value> parameters,
               const sql::RowHandler& row) override {
        check(text);
        inner_->query(text, parameters, row);
    }
    void script(std::string_view text) override { inner_->script(text); }
    void begin() override {
        faults_->wait_at_gate();
        check("BEGIN");
        inner_->begin();
    }
    void commit() override {
        const int number = ++faults_->commits;
        const auto what = faults_->at_commit ? faults_->at_commit(number) : AtCommit::fine;
        if (what == AtCommit::fine || what == AtCommit::made_but_unknown)
            inner_->commit();
        else
            inner_->rollback();
        if (what == AtCommit::deadlock)
            throw sql::Error(ErrorClass::rolled_back, 1213, "deadlock, by the test");
        if (what != AtCommit::fine)
            throw sql::Error(ErrorClass::commit_unknown, 2013, "answer lost, by the test");
    }
    void rollback() noexcept override { inner_->rollback(); }
    void savepoint() override { inner_->savepoint(); }
    void release_savepoint() override { inner_->release_savepoint(); }
    void rollback_to_savepoint() override { inner_->rollback_to_savepoint(); }
    std::int64_t database_now() override { return inner_->database_now(); }

private:
    void check(std::string_view text) {
        ++faults_->executes;
        if (faults_->away) throw sql::Error(ErrorClass::unavailable, 2006, "gone away, by the test");
        if (faults_->at_execute) faults_->at_execute(text);
    }
    std::unique_ptr<sql::Connection> inner_;
    std::shared_ptr<Faults> faults_;
};

class FaultyEngine final : public sql::Engine {
public:
    FaultyEngine(std::unique_ptr<sql::Engine> inner, std::shared_ptr<Faults> faults)
        : inner_(std::move(inner)), faults_(std::move(faults)) {}
    sql::Dialect dialect() const override { return inner_->dialect(); }
    std::unique_ptr<sql::Connection> connect() override {
        ++faults_->connects;
        if (faults_->away) throw sql::Error(ErrorClass::unavailable, 2002, "away, by the test");
        return std::make_unique<FaultyConnection>(inner_->connect(), faults_);
    }
    std::unique_ptr<sql::Connection> connect_reader() override { return inner_->connect_reader(); }
    std::unique_ptr<sql::Connection> connect_migrator() override { return inner_->connect_migrator(); }
    std::unique_ptr<sql::Connection> connect_checker() override { return inner_->connect_checker(); }
    void thread_begin() override { inner_->thread_begin(); }
    void thread_end() override { inner_->thread_end(); }

private:
    std::unique_ptr<sql::Engine> inner_;
    std::shared_ptr<Faults> faults_;
};

}  // namespace

void Faults::close_gate() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    held_ = false;
}
void Faults::open_gate() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = false;
    }
    changed_.notify_all();
}
void Faults::wait_at_gate() {
    std::unique_lock lock(mutex_);
    if (!closed_) return;
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !closed_; });
}
void Faults::wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
}

std::unique_ptr<sql::Engine> make_faulty(std::unique_ptr<sql::Engine> engine,
                                         std::shared_ptr<Faults> faults) {
    return std::make_unique<FaultyEngine>(std::move(engine), std::move(faults));
}

}  // namespace wefee::tests
