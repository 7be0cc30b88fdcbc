// What was received is applied: decode to a fact, decide, one transaction that also ends the inbox row
// (reliability of notifications). A row that cannot be applied is tried eight times, then waits for a person;
// it never blocks others.
#pragma once

#include <vector>

#include "io/async.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

io::awaitable<void> apply_inbox(App& app, std::vector<storage::InboxRow> rows);

}  // namespace wefee::server
