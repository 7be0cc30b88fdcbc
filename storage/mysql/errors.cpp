// Error codes to classes. During COMMIT only a deadlock is sure to have been rolled back; commits that
// answered with each of the other errors have been seen to stand.
#include "storage/mysql/errors.hpp"

#include <array>

namespace wefee::storage::mysql {
namespace {

using enum sql::ErrorClass;

constexpr std::array table{
    ErrorRow{1213, rolled_back, rolled_back},        // deadlock, certification failure
    ErrorRow{1205, rolled_back, commit_unknown},     // lock wait time-out: we roll back ourselves
    ErrorRow{1020, rolled_back, commit_unknown},     // record changed since last read (snapshot isolation)
    ErrorRow{1062, duplicate, commit_unknown},       // duplicate key
    ErrorRow{1586, duplicate, commit_unknown},       // duplicate key, with the key's name
    ErrorRow{1690, guarded, commit_unknown},         // out of range: what a save's guard does
    ErrorRow{1180, commit_unknown, commit_unknown},  // error during COMMIT
    ErrorRow{1021, unavailable, commit_unknown},     // disk full
    ErrorRow{1030, unavailable, commit_unknown},     // error from the storage engine
    ErrorRow{1040, unavailable, commit_unknown},     // too many connections
    ErrorRow{1044, unavailable, commit_unknown},     // access denied to the database
    ErrorRow{1045, unavailable, commit_unknown},     // access denied
    ErrorRow{1047, unavailable, commit_unknown},     // node is not ready
    ErrorRow{1049, unavailable, commit_unknown},     // unknown database
    ErrorRow{1053, unavailable, commit_unknown},     // shutdown in progress
    ErrorRow{1114, unavailable, commit_unknown},     // table is full
    ErrorRow{1129, unavailable, commit_unknown},     // host is blocked
    ErrorRow{1130, unavailable, commit_unknown},     // host may not connect
    ErrorRow{1203, unavailable, commit_unknown},     // too many connections of this user
    ErrorRow{1226, unavailable, commit_unknown},     // a resource limit of this user
    ErrorRow{1290, unavailable, commit_unknown},     // server runs read-only
    ErrorRow{1317, unavailable, commit_unknown},     // interrupted
    ErrorRow{1836, unavailable, commit_unknown},     // read-only mode
    ErrorRow{1927, unavailable, commit_unknown},     // connection was killed
    ErrorRow{1969, unavailable, commit_unknown},     // max_statement_time
    ErrorRow{3024, unavailable, commit_unknown},     // max_execution_time
    ErrorRow{2002, unavailable, commit_unknown},     // cannot connect through the socket
    ErrorRow{2003, unavailable, commit_unknown},     // cannot connect
    ErrorRow{2005, unavailable, commit_unknown},     // unknown host
    ErrorRow{2006, unavailable, commit_unknown},     // server has gone away
    ErrorRow{2012, unavailable, commit_unknown},     // error in the handshake
    ErrorRow{2013, unavailable, commit_unknown},     // connection lost, read time-out
    ErrorRow{2055, unavailable, commit_unknown},     // connection lost, with the system's error
};

}  // namespace

std::span<const ErrorRow> error_table() { return table; }

sql::ErrorClass classify(int code, bool in_commit) {
    for (const auto& row : table)
        if (row.code == code) return in_commit ? row.in_commit : row.in_statement;
    return in_commit ? commit_unknown : broken;
}

}  // namespace wefee::storage::mysql
