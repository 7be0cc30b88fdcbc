// The write-ahead log of a SQLite file: copied beside the commits, written at once, and whole when it is not.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/storage/database.hpp"

namespace wefee::tests {
namespace {

using storage::sql::Connection;
using storage::sql::Value;

std::int64_t number(Connection& db, std::string_view sql) {
    std::int64_t found = -1;
    db.query(sql, {}, [&](std::span<const Value> row) { found = std::get<std::int64_t>(row[0]); });
    return found;
}

std::string text(Connection& db, std::string_view sql) {
    std::string found;
    db.query(sql, {}, [&](std::span<const Value> row) { found = std::get<std::string>(row[0]); });
    return found;
}

/// Each begin of the log has another salt.
std::string salt_of(const std::string& log) {
    std::ifstream file(log, std::ios::binary);
    std::string head(32, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    return head.substr(16, 8);
}

struct SqliteLog_sqlite : testing::Test {
    Database database{Kind::sqlite};
    std::unique_ptr<storage::sql::Engine> engine = database.engine();
    std::unique_ptr<Connection> writer = engine->connect();
    const std::string log = database.path() + "-wal";
    std::int64_t written = 0;

    SqliteLog_sqlite() { writer->script("CREATE TABLE page (id INTEGER PRIMARY KEY, bytes BLOB)"); }

    /// One transaction of rows that fill a page each.
    void write(int rows) {
        writer->begin();
        for (int i = 0; i < rows; ++i)
            writer->execute("INSERT INTO page (bytes) VALUES (randomblob(4000))", {});
        writer->commit();
        written += rows;
    }

    /// After some more commits, the log has another salt than `first`.
    void expect_to_begin_anew(const std::string& first) {
        int commits = 0;
        for (; salt_of(log) == first && commits < 50'000; ++commits) write(1);
        EXPECT_NE(salt_of(log), first) << "after " << commits << " more commits";
    }
};

TEST_F(SqliteLog_sqlite, IsCopiedBesideTheCommitsAndBeginsAnew) {
    const auto reader = engine->connect_reader();
    write(1);
    const auto first = salt_of(log);
    for (int i = 0; i < 90; ++i) write(100);  // as long as it is allowed to get before it is copied
    expect_to_begin_anew(first);
    EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), written);
    EXPECT_EQ(text(*reader, "PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteLog_sqlite, WaitsForAReaderOfAnOldStateWhichKeepsIt) {
    write(1);
    const auto first = salt_of(log);
    const auto reader = engine->connect_reader();
    reader->begin();
    EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), 1);
    for (int i = 0; i < 200; ++i) write(100);
    EXPECT_EQ(salt_of(log), first) << "what the reader sees stands in it";
    EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), 1);
    reader->rollback();
    expect_to_begin_anew(first);
    EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), written);
}

TEST_F(SqliteLog_sqlite, OfATransactionLongerThanItsBufferIsReadByTheTransactionItself) {
    writer->script("PRAGMA cache_size=10");  // pages go out early and come back
    writer->begin();
    for (int i = 0; i < 2'000; ++i) writer->execute("INSERT INTO page (bytes) VALUES (randomblob(4000))", {});
    EXPECT_EQ(number(*writer, "SELECT COUNT(*) FROM page WHERE length(bytes)=4000"), 2'000);
    writer->execute("UPDATE page SET bytes=zeroblob(4000) WHERE id % 2 = 0", {});
    EXPECT_EQ(number(*writer, "SELECT COUNT(*) FROM page WHERE bytes=zeroblob(4000)"), 1'000);
    const auto reader = engine->connect_reader();
    EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), 0);
    writer->commit();
    EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page WHERE bytes=zeroblob(4000)"), 1'000);
    EXPECT_EQ(text(*reader, "PRAGMA integrity_check"), "ok");
}

/// While it lives, no file of this process can grow beyond `bytes`.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

TEST_F(SqliteLog_sqlite, ThatCannotBeWrittenFailsTheTransactionWholeAndTheNextOneIsKept) {
    write(10);
    for (const int rows : {60, 600}) {  // shorter and longer than what is gathered before the first write
        {
            const FileSizeLimit limit(std::filesystem::file_size(log) + 100'000);
            EXPECT_THROW(
                {
                    try {
                        write(rows);
                    } catch (...) {
                        writer->rollback();
                        throw;
                    }
                },
                storage::sql::Error);
        }
        const auto reader = engine->connect_reader();
        EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), written);
        write(3);
        EXPECT_EQ(number(*reader, "SELECT COUNT(*) FROM page"), written);
        EXPECT_EQ(number(*writer, "SELECT COUNT(*) FROM page"), written);
        EXPECT_EQ(text(*reader, "PRAGMA integrity_check"), "ok");
    }
}

}  // namespace
}  // namespace wefee::tests
