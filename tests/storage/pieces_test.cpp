// The pieces that need no database: error tables, texts of statements, store URLs, what prepare() refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "storage/audit.hpp"
#include "storage/mysql/errors.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/statements.hpp"
#include "storage/url.hpp"
#include "storage/writer/prepare.hpp"
#include "storage/writer/shapes.hpp"
#include "tests/storage/books.hpp"

namespace wefee::tests {
namespace {

using storage::sql::Dialect;
using storage::sql::ErrorClass;

TEST(Pieces_sqlite, MysqlErrorsMeanWhatTheRulesSay) {
    using namespace storage::mysql;
    std::set<int> codes;
    for (const auto& row : error_table()) {
        EXPECT_TRUE(codes.insert(row.code).second) << row.code << " is there twice";
        EXPECT_EQ(classify(row.code, false), row.in_statement) << row.code;
        EXPECT_EQ(classify(row.code, true), row.in_commit) << row.code;
        if (row.code != 1213) EXPECT_EQ(row.in_commit, ErrorClass::commit_unknown) << row.code;
    }
    for (const int code : {1213, 1205, 1020})
        EXPECT_EQ(classify(code, false), ErrorClass::rolled_back) << code;
    for (const int code : {1047, 2002, 2003, 2006, 2013})
        EXPECT_EQ(classify(code, false), ErrorClass::unavailable);
    EXPECT_EQ(classify(1062, false), ErrorClass::duplicate);
    EXPECT_EQ(classify(1213, true), ErrorClass::rolled_back);
    for (const int code : {1180, 2013, 2006, 1047, 1205, 4711})
        EXPECT_EQ(classify(code, true), ErrorClass::commit_unknown);
    EXPECT_EQ(classify(1064, false), ErrorClass::broken);
}

TEST(Pieces_sqlite, SqliteErrorsMeanWhatTheRulesSay) {
    using namespace storage::sqlite;
    std::set<int> codes;
    for (const auto& row : error_table()) {
        EXPECT_TRUE(codes.insert(row.code).second) << row.code << " is there twice";
        EXPECT_EQ(classify(row.code, false), row.in_statement) << row.code;
        EXPECT_EQ(classify(row.code, true), row.in_commit) << row.code;
    }
    EXPECT_EQ(classify(5, false), ErrorClass::rolled_back);    // SQLITE_BUSY
    EXPECT_EQ(classify(517, false), ErrorClass::rolled_back);  // SQLITE_BUSY_SNAPSHOT, by its primary code
    EXPECT_EQ(classify(13, true), ErrorClass::unavailable);    // full: rolled back already
    EXPECT_EQ(classify(10 | (4 << 8), true), ErrorClass::commit_unknown);  // fsync failed
    EXPECT_EQ(classify(19 | (8 << 8), false), ErrorClass::duplicate);      // UNIQUE
    EXPECT_EQ(classify(19 | (5 << 8), false), ErrorClass::broken);         // NOT NULL
    EXPECT_EQ(classify(1, false), ErrorClass::broken);
}

TEST(Pieces_sqlite, TheSaveOfAnInvoiceCarriesItsGuard) {
    const auto& table = storage::table_text<storage::InvoiceRow>();
    const auto one = storage::save_text(table, Dialect::sqlite, 1);
    EXPECT_TRUE(one.starts_with("UPDATE invoice SET number=?5, ")) << one;
    EXPECT_NE(
        one.find("WHERE id=?1 AND version=?23 AND ((state='DRAFT' OR total_fen=?12) AND ?14+?15-?16<=?12)"),
        std::string::npos)
        << one;
    const auto two = storage::save_text(table, Dialect::mysql, 2);
    const auto update = two.find(" ON DUPLICATE KEY UPDATE ");
    ASSERT_NE(update, std::string::npos) << two;
    const auto set = two.substr(update);
    EXPECT_TRUE(set.starts_with(
        " ON DUPLICATE KEY UPDATE version=IF(id=VALUES(id) AND version=VALUES(version) AND "
        "((state='DRAFT' OR total_fen=VALUES(total_fen)) AND VALUES(paid_fen)+VALUES(reserved_fen)"
        "-VALUES(refunded_fen)<=VALUES(total_fen)), version+1, 9223372036854775807+version+1), "
        "number=VALUES(number), "))
        << set;
    for (const auto& text : {one.substr(0, one.find("WHERE")), set})
        EXPECT_EQ(text.find("tenant_id"), std::string::npos) << "what is written once is not saved";
}

TEST(Pieces_sqlite, EveryShapeHasATextInBothDialectsWithAsManyParametersAsItsRows) {
    const auto count = [](const std::string& text) { return std::count(text.begin(), text.end(), '?'); };
    std::size_t number = 0;
    for (const auto& shape : storage::shapes()) {
        ASSERT_NE(shape.text, nullptr) << number++;
        const bool versionless = shape.text(Dialect::mysql, 1).find(" SET , ") != std::string::npos ||
                                 shape.text(Dialect::mysql, 1).find("SET version") != std::string::npos;
        if (versionless) continue;  // rows that are written once have no save
        const auto shared = static_cast<std::ptrdiff_t>(shape.shared);
        EXPECT_EQ((count(shape.text(Dialect::mysql, 1)) - shared) * 4,
                  count(shape.text(Dialect::mysql, 4)) - shared)
            << shape.name;
    }
}

template <class Row>
void expect_initial_values_of() {
    Row fresh;
    const auto check = [&](const auto& column) {
        if (column.role != storage::Role::initial) return;
        const auto value = storage::column_value(column, fresh);
        const auto* number = std::get_if<std::int64_t>(&value);
        EXPECT_EQ(column.literal, number == nullptr ? "NULL" : std::to_string(*number)) << column.name;
    };
    std::apply([&](const auto&... column) { (check(column), ...); }, storage::Table<Row>::columns);
}

TEST(Pieces_sqlite, WhatARowBeginsWithIsWrittenInTheStatementAsInTheRow) {
    expect_initial_values_of<storage::InboxRow>();
    expect_initial_values_of<storage::OutboxRow>();
    expect_initial_values_of<storage::TaskRow>();
}

TEST(Pieces_sqlite, StoreUrlsAreReadOrRefusedWithAReason) {
    using storage::parse_store_url;
    EXPECT_EQ(parse_store_url("sqlite:///var/lib/wefee.db").path, "/var/lib/wefee.db");
    const auto tcp = parse_store_url("mysql://wefee@db.example.com:3307/fees");
    EXPECT_EQ(tcp.user, "wefee");
    EXPECT_EQ(tcp.host, "db.example.com");
    EXPECT_EQ(tcp.port, 3307);
    EXPECT_EQ(tcp.database, "fees");
    EXPECT_EQ(parse_store_url("mysql://u@host/db").port, 3306);
    EXPECT_EQ(parse_store_url("mysql://u@/db?socket=/run/mysqld/mysqld.sock").socket,
              "/run/mysqld/mysqld.sock");
    for (const auto* bad : {"", "postgres://x", "sqlite://relative.db", "sqlite:///", "mysql://host/db",
                            "mysql://u:secret@host/db", "mysql://u@host", "mysql://u@host/", "mysql://u@/db",
                            "mysql://u@host:0/db", "mysql://u@host:99999/db", "mysql://u@host:x/db",
                            "mysql://u@host/db?tls=1", "mysql://u@host/%zz"})
        EXPECT_THROW(parse_store_url(bad), std::invalid_argument) << bad;
}

TEST(Pieces_sqlite, AnAuditHashCoversEveryField) {
    const storage::AuditRow row{0,        "charge", "chg_1", 2,        "PLANNED", "NOTICED",
                                "system", "op_1",   noon,    "before", ""};
    std::set<std::string> hashes{storage::audit_hash(row)};
    const auto changed = [&](auto change) {
        auto other = row;
        change(other);
        hashes.insert(storage::audit_hash(other));
    };
    changed([](auto& r) { r.entity = "refund"; });
    changed([](auto& r) { r.entity_id = "chg_2"; });
    changed([](auto& r) { r.seq = 3; });
    changed([](auto& r) { r.from_state = "DUE"; });
    changed([](auto& r) { r.to_state = "DUE"; });
    changed([](auto& r) { r.actor = "operator"; });
    changed([](auto& r) { r.op_id = "op_2"; });
    changed([](auto& r) { r.at += std::chrono::milliseconds(1); });
    changed([](auto& r) { r.prev_hash = "other"; });
    changed([](auto& r) {  // the same letters, cut elsewhere
        r.entity = "chargec";
        r.entity_id = "hg_1";
    });
    EXPECT_EQ(hashes.size(), 11U);
}

// -- what prepare() takes for a bug
// ---------------------------------------------------------------------------------

struct Refusal {
    const char* name;
    void (*spoil)(World&, storage::Changes&);
};

TEST(Pieces_sqlite, ChangesThatCannotBeMeantAreRefusedBeforeTheyReachTheDatabase) {
    const Refusal refusals[] = {
        {"no op_id", [](World&, auto& c) { c.op_id.clear(); }},
        {"a move without its row",
         [](World&, auto& c) { c.moves.push_back({"charge", "chg_9", 1, "", "DUE", "s", ""}); }},
        {"a state that is not the move's end",
         [](World& w, auto& c) {
             w.charge.state = "DUE";
             c.save(w.charge);
         }},
        {"an insert without a move", [](World&, auto& c) { c.insert(World("7").charge); }},
        {"the same row twice",
         [](World& w, auto& c) {
             c.save(w.cycle);
             c.save(w.cycle);
         }},
        {"a save of what is written once", [](World& w, auto& c) { c.save(w.item); }},
        {"a first move from a state",
         [](World&, auto& c) {
             World world("7");
             c.moves.push_back({"charge", "chg_7", 1, "PLANNED", "DUE", "s", ""});
             world.charge.state = "DUE";
             world.charge.state_seq = 1;
             c.insert(world.charge);
         }},
        {"a later move without the hash before it",
         [](World& w, auto& c) {
             c.moves.push_back({"mandate", w.mandate.id.text(), 3, "ACTIVE", "ENDED", "s", ""});
             w.mandate.state = "ENDED";
             w.mandate.state_seq = 3;
             c.save(w.mandate);
         }},
        {"moves with a gap",
         [](World& w, auto& c) {
             c.moves.push_back({"mandate", w.mandate.id.text(), 3, "ACTIVE", "ENDING", "s", "h"});
             c.moves.push_back({"mandate", w.mandate.id.text(), 5, "ENDING", "ENDED", "s", "h"});
             w.mandate.state = "ENDED";
             w.mandate.state_seq = 5;
             c.save(w.mandate);
         }},
        {"an outbox outcome without a next",
         [](World&, auto& c) { c.outbox_done.push_back({1, 1, {}, "", {}}); }},
    };
    for (const auto& refusal : refusals) {
        World world("1");
        storage::Changes changes;
        changes.op_id = "op_1";
        changes.at = noon;
        if (std::string(refusal.name).starts_with("a state"))
            changes.moves.push_back({"charge", "chg_1", 2, "DUE", "COLLECTING", "s", "h"});
        refusal.spoil(world, changes);
        EXPECT_THROW(storage::prepare(changes), std::logic_error) << refusal.name;
    }
}

}  // namespace
}  // namespace wefee::tests
