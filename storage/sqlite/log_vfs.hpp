// A SQLite VFS that writes what a transaction appends to the write-ahead log with one call of the kernel.
#pragma once

namespace wefee::storage::sqlite {

/// Its name, for sqlite3_open_v2. Everything but the log is the default VFS's. Bytes for the log stand in
/// memory until they are synced, read or many: for connections with synchronous=FULL only, whose commits are
/// told to others after the sync. A write that fails is told by that sync, and the transaction fails.
const char* log_vfs();

}  // namespace wefee::storage::sqlite
