// More than one process: the file's owner, readers beside it, and a kill in the middle of commits.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>

#include "tests/storage/contract.hpp"

namespace wefee::tests {
namespace {

constexpr const char* child_path = "WEFEE_TEST_CHILD_PATH";

/// Runs one of the disabled tests below in a process of its own (exec: SQLite's state must not come along by
/// fork); true when it passed.
bool passes_in_child(const std::string& test, const Database& database) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv(child_path, database.path().c_str(), 1);
        const std::string filter = "--gtest_filter=" + test;
        ::execl("/proc/self/exe", "storage_test", filter.c_str(), "--gtest_also_run_disabled_tests", nullptr);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

storage::StoreOptions parents_options() {
    const char* path = std::getenv(child_path);
    storage::StoreOptions options;
    options.url = std::string("sqlite://") + (path == nullptr ? "/nowhere" : path);
    return options;
}

TEST(Child, DISABLED_MayNotWrite) {
    EXPECT_THROW(storage::Store::open(parents_options(), true), storage::Unavailable);
}

TEST(Child, DISABLED_MayRead) {
    const auto reader = storage::Store::open(parents_options(), false, true);
    EXPECT_TRUE(wait(reader->find_attempt(AttemptId{"att_1"})).has_value());
    EXPECT_TRUE(wait(reader->check_invariants(noon, Fen{1})).empty());
    EXPECT_THROW(wait(reader->receive(received("EV-1"))), storage::Unavailable);
    EXPECT_THROW(wait(reader->next_number("n")), storage::Unavailable);
}

TEST(Process_sqlite, ASecondProcessMayNotWriteButMayRead) {
    Database database(Kind::sqlite);
    auto store = database.open();
    sent_world(*store);
    EXPECT_THROW(database.open(), storage::Unavailable) << "nor may the same process twice";
    EXPECT_TRUE(passes_in_child("Child.DISABLED_MayNotWrite", database));
    EXPECT_TRUE(passes_in_child("Child.DISABLED_MayRead", database));
    store.reset();
    EXPECT_FALSE(passes_in_child("Child.DISABLED_MayNotWrite", database)) << "the lock goes with its owner";
}

TEST(Process_sqlite, AReaderNeedsNoOwner) {
    Database database(Kind::sqlite);
    {
        const auto store = database.open();
        wait(store->receive(received("EV-1")));
    }
    const auto reader = storage::Store::open(database.options(), false, true);
    EXPECT_EQ(wait(reader->counts()).inbox, 1);
    EXPECT_TRUE(wait(reader->check_audit_chain()).empty());
}

TEST(Process_sqlite, AFileThatIsNotThereCannotBeReadAndNeedsMigration) {
    Database database(Kind::sqlite);
    EXPECT_THROW(storage::Store::open(database.options(), false, true), storage::Unavailable);
    EXPECT_THROW(storage::Store::open(database.options(), false), storage::sql::Error);
    auto nowhere = database.options();
    nowhere.url = "sqlite:///nowhere/at/all.db";
    EXPECT_THROW(storage::Store::open(nowhere, true), storage::Unavailable);
}

TEST(Process_sqlite, ADamagedFileIsRefusedBeforeAnythingIsWritten) {
    Database database(Kind::sqlite);
    {
        const auto store = database.open();
        for (int i = 0; i < 200; ++i) wait(store->receive(received("EV-" + std::to_string(i))));
    }
    const auto path = database.options().url.substr(std::string_view("sqlite://").size());
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(0, std::ios::end);
        const auto size = static_cast<std::streamoff>(file.tellp());
        ASSERT_GT(size, 200'000);
        file.seekp((size / 4'096 - 3) * 4'096);  // one of the last pages: receipts
        const std::string rubbish(100, '\x5a');
        file.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
    }
    EXPECT_THROW(storage::Store::open(database.options(), true), std::runtime_error);
    EXPECT_NO_THROW(storage::Store::open(database.options(), false, true))
        << "who looks for the damage may read";
}

/// The child commits for ever and writes each acknowledged key into the pipe.
void commit_for_ever(const storage::StoreOptions& options, int pipe, int round) {
    const auto store = storage::Store::open(options, true);
    std::vector<std::function<io::awaitable<void>()>> tasks;
    for (int i = 0; i < 8; ++i)
        tasks.push_back([&, i]() -> io::awaitable<void> {
            for (int n = 0;; ++n) {
                const auto tag = std::to_string(round) + "x" + std::to_string(i) + "x" + std::to_string(n);
                World world(tag);
                if (co_await store->commit(world.founding()) != storage::CommitResult::applied) ::_exit(3);
                co_await store->receive(received("EV-" + tag));
                const auto line = tag + "\n";
                if (::write(pipe, line.data(), line.size()) < 0) ::_exit(4);
            }
        });
    run_all(std::move(tasks));
}

/// Kills the child after it acknowledged `count` operations; gives their tags.
std::set<std::string> kill_after(const storage::StoreOptions& options, int round, std::size_t count) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        try {
            commit_for_ever(options, pipe[1], round);
        } catch (...) {
            ::_exit(5);
        }
        ::_exit(6);
    }
    ::close(pipe[1]);
    std::string text;
    std::array<char, 4096> buffer{};
    bool killed = false;
    for (;;) {
        const auto got = ::read(pipe[0], buffer.data(), buffer.size());
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (!killed && static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) >= count) {
            ::kill(child, SIGKILL);
            killed = true;
        }
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    std::set<std::string> tags;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        if (end == std::string::npos) break;
        tags.insert(text.substr(at, end - at));
        at = end + 1;
    }
    return tags;
}

void everything_acknowledged_is_there(Kind kind) {
    Database database(kind);
    std::set<std::string> acknowledged;
    for (int round = 0; round < 4; ++round)
        acknowledged.merge(kill_after(database.options(), round, static_cast<std::size_t>(40 + 23 * round)));
    const auto store = database.open();
    for (const auto& tag : acknowledged)
        EXPECT_TRUE(wait(store->load_charge(ChargeId{"chg_" + tag})).has_value()) << tag;
    const auto rows = database.query("SELECT dedup_key FROM inbox");
    const std::set<std::string> kept(rows.begin(), rows.end());
    for (const auto& tag : acknowledged) EXPECT_TRUE(kept.contains("EV-" + tag)) << tag;
    EXPECT_GE(acknowledged.size(), 290U);
    EXPECT_TRUE(holds(*store, noon));
}

TEST(Process_sqlite, AfterAKillInTheMiddleOfCommitsEverythingAcknowledgedIsThere) {
    everything_acknowledged_is_there(Kind::sqlite);
}
TEST(Process_mysql, AfterAKillInTheMiddleOfCommitsEverythingAcknowledgedIsThere) {
    everything_acknowledged_is_there(Kind::mariadb);
}

TEST(Process_mysql, TwoProcessesOnOneDatabaseSettleEachAttemptOnce) {
    Database database(Kind::mariadb);
    std::vector<World> worlds;
    {
        const auto store = database.open();
        for (int i = 0; i < 20; ++i) worlds.push_back(sent_world(*store, std::to_string(i)));
    }
    const auto settle_all = [&](const std::string& who) {
        const auto store = storage::Store::open(database.options(), false);
        std::vector<std::function<io::awaitable<void>()>> tasks;
        for (auto& world : worlds)
            tasks.push_back([&]() -> io::awaitable<void> {
                auto mine = world;
                co_await store->commit(mine.settling("op_" + who + world.tag));
            });
        run_all(tasks);
        return 0;
    };
    const pid_t child = ::fork();
    if (child == 0) ::_exit(settle_all("child"));
    settle_all("parent");
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    const auto store = database.open();
    EXPECT_EQ(wait(store->counts()).charges_collected, 20);
    EXPECT_TRUE(holds(*store));
}

}  // namespace
}  // namespace wefee::tests
