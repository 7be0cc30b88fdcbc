// What a Store is made of, and how its methods get on and off the storage threads. For store_*.cpp only.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/readers.hpp"
#include "storage/resume.hpp"
#include "storage/statements.hpp"
#include "storage/store.hpp"
#include "storage/writer/writer.hpp"

namespace wefee::storage {

/// All rows of "<select_text> <tail>".
template <class Row>
std::vector<Row> rows_of(sql::Connection& db, std::string_view tail,
                         std::span<const sql::Value> parameters = {}) {
    std::vector<Row> rows;
    db.query(select_text<Row>() + std::string(tail), parameters,
             [&](std::span<sql::Value> row) { rows.push_back(read_row<Row>(row)); });
    return rows;
}

template <class Row>
std::optional<Row> row_of(sql::Connection& db, std::string_view tail,
                          std::span<const sql::Value> parameters = {}) {
    auto rows = rows_of<Row>(db, tail, parameters);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

/// Within a snapshot: the subscription with its tenant, terms and price lists.
TermsView terms_of(sql::Connection& db, SubscriptionRow subscription);

struct Store::Parts {
    StoreOptions options;
    std::unique_ptr<sql::Engine> engine;
    std::unique_ptr<Readers> readers;
    std::unique_ptr<Writer> writer;  // none: opened for reading only

    /// `work(connection, result)` on a reader thread; it may run twice, so it starts from an empty result.
    template <class T, class Work>
    awaitable<T> read(Work work, bool unhurried = false) {
        auto result = std::make_shared<T>();
        auto run = [result, work = std::move(work)](sql::Connection& db) {
            *result = T{};
            work(db, *result);
        };
        return suspend_for<T>(result, [this, unhurried, run = std::move(run)](Resume resume) mutable {
            readers->submit({std::move(run), std::move(resume), unhurried});
        });
    }

    template <class Row>
    awaitable<std::optional<Row>> one(std::string tail, RowValues parameters) {
        return read<std::optional<Row>>(
            [tail = std::move(tail), parameters = std::move(parameters)](
                sql::Connection& db, std::optional<Row>& row) { row = row_of<Row>(db, tail, parameters); });
    }
    template <class Row>
    awaitable<std::vector<Row>> many(std::string tail, RowValues parameters) {
        return read<std::vector<Row>>(
            [tail = std::move(tail), parameters = std::move(parameters)](
                sql::Connection& db, std::vector<Row>& rows) { rows = rows_of<Row>(db, tail, parameters); });
    }

    /// `work(connection, result)` inside the writer's transaction; it may run again after a rollback.
    template <class T, class Work>
    awaitable<T> write(Work work) {
        auto result = std::make_shared<T>();
        Job job;
        job.small = [result, work = std::move(work)](sql::Connection& db) {
            *result = T{};
            work(db, *result);
        };
        return submit<T>(std::move(job), std::move(result));
    }
    template <class Work>
    awaitable<void> write(Work work) {
        Job job;
        job.small = std::move(work);
        return submit(std::move(job));
    }

    template <class T>
    awaitable<T> submit(Job job, std::shared_ptr<T> result) {
        return suspend_for<T>(std::move(result), [this, job = std::move(job)](Resume resume) mutable {
            hand_over(std::move(job), std::move(resume));
        });
    }
    awaitable<void> submit(Job job) {
        return suspend([this, job = std::move(job)](Resume resume) mutable {
            hand_over(std::move(job), std::move(resume));
        });
    }
    void hand_over(Job job, Resume resume) {
        job.done = std::move(resume);
        std::vector<Job> one;
        one.push_back(std::move(job));
        hand_over_all(std::move(one));
    }
    void hand_over_all(std::vector<Job> jobs) {
        if (writer) return writer->submit(std::move(jobs));
        for (auto& job : jobs)
            job.done(std::make_exception_ptr(Unavailable("the store was opened for reading only")));
    }
};

inline RowValues values() { return {}; }
template <class... T>
RowValues values(const T&... value) {
    return RowValues{to_value(value)...};
}

/// " FOR UPDATE" where the engine locks rows; a writer's reads always lock there, so that they see what
/// others committed since its transaction began.
inline std::string_view for_update(const sql::Connection& db) {
    return db.dialect() == sql::Dialect::mysql ? " FOR UPDATE" : "";
}

}  // namespace wefee::storage
