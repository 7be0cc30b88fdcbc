// A fresh database of either engine for one test, and the way to wait for the store's answers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/sql.hpp"
#include "storage/store.hpp"

namespace wefee::tests {

enum class Kind { sqlite, mariadb };

/// One empty database; gone when this goes.
class Database {
public:
    explicit Database(Kind kind);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Kind kind() const { return kind_; }
    const std::string& url() const { return url_; }
    const std::string& path() const { return path_; }  // SQLite only
    storage::StoreOptions options() const;
    std::unique_ptr<storage::Store> open() const;
    std::unique_ptr<storage::Store> open(storage::StoreOptions options) const;
    std::unique_ptr<storage::sql::Engine> engine() const;
    /// Behind the store's back; the store may be open (SQLite: no lock is taken).
    void execute(const std::string& sql) const;
    std::vector<std::string> query(const std::string& sql) const;  // columns joined by '|'

private:
    Kind kind_;
    std::string name_, url_, path_;
};

/// Runs many awaitables at once on `loops` threads and waits for all; the first exception comes out.
void run_all(std::vector<std::function<io::awaitable<void>()>> tasks, unsigned loops = 1);

/// Runs one and gives its result.
template <class T>
T wait(io::awaitable<T> work) {
    std::optional<T> result;
    auto held = std::make_shared<io::awaitable<T>>(std::move(work));
    run_all({[&result, held]() -> io::awaitable<void> {
        return [](std::optional<T>& out, std::shared_ptr<io::awaitable<T>> in) -> io::awaitable<void> {
            out = co_await std::move(*in);
        }(result, held);
    }});
    return std::move(*result);
}
inline void wait(io::awaitable<void> work) {
    auto held = std::make_shared<io::awaitable<void>>(std::move(work));
    run_all({[held]() -> io::awaitable<void> { return std::move(*held); }});
}

}  // namespace wefee::tests
