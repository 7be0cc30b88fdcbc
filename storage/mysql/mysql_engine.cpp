// Connections: settings of the session, statements prepared once, errors by errors.cpp. Never reconnects by
// itself: whoever meets an error drops the connection. COMMIT and ROLLBACK go as statements, because the
// Connector's own commit() does not tell of an error.
#include "storage/mysql/mysql_engine.hpp"

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <array>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "storage/mysql/errors.hpp"

namespace wefee::storage::mysql {
namespace {

namespace driver = ::sql;  // the Connector's namespace; ours is wefee::storage::sql
namespace ours = ::wefee::storage::sql;

enum class Access { write, read, unhurried };

[[noreturn]] void fail(const driver::SQLException& error, bool in_commit) {
    throw ours::Error(classify(error.getErrorCode(), in_commit), error.getErrorCode(), error.what());
}

template <class Work>
auto told(Work&& work, bool in_commit = false) {
    try {
        return work();
    } catch (const driver::SQLException& error) {
        fail(error, in_commit);
    }
}

struct Setting {
    std::string_view name;
    std::string_view hurried;
    std::string_view unhurried;
};

// Those that the server knows are set in each session.
constexpr std::array settings{
    Setting{"sql_mode", "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
            "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"},
    Setting{"time_zone", "'+00:00'", "'+00:00'"},
    Setting{"innodb_lock_wait_timeout", "3", "30"},
    Setting{"innodb_snapshot_isolation", "ON", "ON"},
    Setting{"max_statement_time", "5", "0"},     // MariaDB, seconds
    Setting{"max_execution_time", "5000", "0"},  // MySQL, milliseconds
    Setting{"wsrep_sync_wait", "1", "1"},
    Setting{"wsrep_retry_autocommit", "0", "0"},
};

/// What each session is told; found out by the first one, since servers differ in what they know.
struct Session {
    std::string hurried, unhurried;
};

Session probe(driver::Statement& statement) {
    std::string names;
    for (const auto& setting : settings)
        names += (names.empty() ? "'" : ", '") + std::string(setting.name) + "'";
    std::string collation = "utf8mb4_bin";
    {
        const std::unique_ptr<driver::ResultSet> rows(
            statement.executeQuery("SELECT COLLATION_NAME FROM information_schema.COLLATIONS "
                                   "WHERE COLLATION_NAME IN ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')"));
        while (rows->next()) collation = rows->getString(1);
    }
    Session session;
    // Not "SET NAMES .. COLLATE": results would name the collation too, and the Connector does not know new
    // ones.
    session.hurried = session.unhurried = "SET NAMES utf8mb4, SESSION collation_connection=" + collation;
    const std::unique_ptr<driver::ResultSet> rows(
        statement.executeQuery("SHOW SESSION VARIABLES WHERE Variable_name IN (" + names + ")"));
    while (rows->next()) {
        const std::string name = rows->getString(1);
        for (const auto& setting : settings) {
            if (setting.name != name) continue;
            session.hurried += ", SESSION " + name + "=" + std::string(setting.hurried);
            session.unhurried += ", SESSION " + name + "=" + std::string(setting.unhurried);
        }
    }
    return session;
}

struct Prepared {
    std::unique_ptr<driver::PreparedStatement> statement;
    std::vector<bool> integers;  // by column, known after the first result
};

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

class MysqlConnection final : public ours::Connection {
public:
    MysqlConnection(std::unique_ptr<driver::Connection> connection, Access access)
        : connection_(std::move(connection)), access_(access) {
        told([&] { text_.reset(connection_->createStatement()); });
    }

    void configure(const std::string& session) {
        script(session);
        script("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        script("SET SESSION autocommit=1");
    }
    driver::Statement& plain() { return *text_; }

    ours::Dialect dialect() const override { return ours::Dialect::mysql; }

    std::int64_t execute(std::string_view text, std::span<const ours::Value> parameters) override {
        const std::span<const ours::Value> rows[] = {parameters};
        return execute_rows(text, rows);
    }

    std::int64_t execute_rows(std::string_view text,
                              std::span<const std::span<const ours::Value>> rows) override {
        return told([&] { return update(text, rows); });
    }

    void query(std::string_view text, std::span<const ours::Value> parameters,
               const ours::RowHandler& row) override {
        std::vector<std::vector<ours::Value>>
            found;  // the handler runs after the driver is done with the result
        told([&] {
            auto& prepared = find(text);
            unsigned index = 0;
            for (const auto& value : parameters) bind(*prepared.statement, ++index, value);
            const std::unique_ptr<driver::ResultSet> result(prepared.statement->executeQuery());
            if (prepared.integers.empty()) learn_types(prepared, *result);
            while (result->next()) found.push_back(read(prepared, *result));
        });
        for (auto& values : found) row(values);
    }

    void script(std::string_view text) override {
        told([&] { text_->execute(driver::SQLString(text.data(), text.size())); });
    }

    /// A writing session turns autocommit off, once: its first statement begins the transaction.
    void begin() override {
        if (access_ == Access::write) autocommit(false);
        if (access_ == Access::read) script("START TRANSACTION READ ONLY");
        if (access_ == Access::unhurried) script("START TRANSACTION");
    }
    void commit() override {
        told([&] { text_->execute("COMMIT"); }, true);
    }
    void commit_rows(std::string_view text, std::span<const std::span<const ours::Value>> rows) override {
        autocommit(true);
        told([&] { update(text, rows); }, true);
    }
    void rollback() noexcept override {
        try {
            text_->execute("ROLLBACK");
        } catch (const std::exception&) {
            // The connection is dropped after any error, and the server rolls back what a lost one left open.
        }
    }
    void savepoint() override { script("SAVEPOINT unit"); }
    void release_savepoint() override { script("RELEASE SAVEPOINT unit"); }
    void rollback_to_savepoint() override { script("ROLLBACK TO SAVEPOINT unit"); }

    std::int64_t database_now() override {
        std::int64_t now = 0;
        query("SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)", {},
              [&](std::span<const ours::Value> row) { now = std::get<std::int64_t>(row[0]); });
        return now;
    }

private:
    void autocommit(bool on) {
        if (std::exchange(autocommit_, on) != on)
            script(on ? "SET SESSION autocommit=1" : "SET SESSION autocommit=0");
    }

    std::int64_t update(std::string_view text, std::span<const std::span<const ours::Value>> rows) {
        auto& prepared = find(text);
        unsigned index = 0;
        for (const auto& row : rows)
            for (const auto& value : row) bind(*prepared.statement, ++index, value);
        return prepared.statement->executeUpdate();
    }

    Prepared& find(std::string_view text) {
        if (const auto found = statements_.find(text); found != statements_.end()) return found->second;
        Prepared prepared;
        prepared.statement.reset(connection_->prepareStatement(driver::SQLString(text.data(), text.size())));
        return statements_.emplace(std::string(text), std::move(prepared)).first->second;
    }

    static void bind(driver::PreparedStatement& statement, unsigned index, const ours::Value& value) {
        if (const auto* number = std::get_if<std::int64_t>(&value))
            statement.setInt64(index, *number);
        else if (const auto* text = std::get_if<std::string>(&value))
            statement.setString(index, driver::SQLString(*text));
        else
            statement.setNull(index, driver::DataType::SQLNULL);
    }

    static void learn_types(Prepared& prepared, driver::ResultSet& result) {
        auto* meta = result.getMetaData();  // owned by the result
        for (unsigned i = 1; i <= meta->getColumnCount(); ++i)
            prepared.integers.push_back(meta->isNumeric(i));
    }

    static std::vector<ours::Value> read(const Prepared& prepared, driver::ResultSet& result) {
        std::vector<ours::Value> values(prepared.integers.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto column = static_cast<std::uint32_t>(i + 1);
            if (result.isNull(column)) continue;
            if (prepared.integers[i])
                values[i] = std::int64_t{result.getInt64(column)};
            else
                values[i] = std::string(result.getString(column));
        }
        return values;
    }

    std::unique_ptr<driver::Connection> connection_;
    Access access_;
    bool autocommit_ = true;
    std::unique_ptr<driver::Statement> text_;
    std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> statements_;
};

class MysqlEngine final : public ours::Engine {
public:
    MysqlEngine(StoreUrl url, std::string password) : url_(std::move(url)), password_(std::move(password)) {
        driver_ = get_driver_instance();
    }
    ours::Dialect dialect() const override { return ours::Dialect::mysql; }
    std::unique_ptr<ours::Connection> connect() override { return open(Access::write); }
    std::unique_ptr<ours::Connection> connect_reader() override { return open(Access::read); }
    std::unique_ptr<ours::Connection> connect_migrator() override { return open(Access::unhurried); }
    std::unique_ptr<ours::Connection> connect_checker() override { return open(Access::unhurried); }
    void thread_begin() override { driver_->threadInit(); }
    void thread_end() override { driver_->threadEnd(); }

private:
    std::unique_ptr<ours::Connection> open(Access access) {
        const int seconds = access == Access::unhurried ? 600 : 3;
        driver::ConnectOptionsMap options;
        options["hostName"] =
            driver::SQLString(url_.socket.empty() ? "tcp://" + url_.host + ":" + std::to_string(url_.port)
                                                  : "unix://" + url_.socket);
        options["userName"] = driver::SQLString(url_.user);
        options["password"] = driver::SQLString(password_);
        options["schema"] = driver::SQLString(url_.database);
        options["OPT_CONNECT_TIMEOUT"] = 2;
        options["OPT_READ_TIMEOUT"] = seconds;
        options["OPT_WRITE_TIMEOUT"] = seconds;
        options["OPT_RECONNECT"] = false;
        options["CLIENT_FOUND_ROWS"] = true;
        options["OPT_CHARSET_NAME"] = driver::SQLString("utf8mb4");
        auto connection = told([&] {
            auto opened = std::unique_ptr<driver::Connection>(driver_->connect(options));
            return std::make_unique<MysqlConnection>(std::move(opened), access);
        });
        connection->configure(session_text(*connection, access));
        return connection;
    }

    std::string session_text(MysqlConnection& connection, Access access) {
        const std::lock_guard lock(mutex_);
        if (session_.hurried.empty()) session_ = told([&] { return probe(connection.plain()); });
        return access == Access::unhurried ? session_.unhurried : session_.hurried;
    }

    StoreUrl url_;
    std::string password_;
    driver::Driver* driver_ = nullptr;  // lives as long as the program
    std::mutex mutex_;
    Session session_;
};

}  // namespace

std::unique_ptr<ours::Engine> make_engine(const StoreUrl& url, const std::string& password) {
    static std::mutex first;  // the Connector's first use is not safe between threads
    const std::lock_guard lock(first);
    return std::make_unique<MysqlEngine>(url, password);
}

}  // namespace wefee::storage::mysql
