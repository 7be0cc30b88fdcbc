// The month's closes by the page: read together, decided one by one, committed each for itself in shared
// transactions.
#pragma once

#include <vector>

#include "io/async.hpp"
#include "server/flows/task_end.hpp"
#include "storage/store.hpp"

namespace wefee::server {

struct App;

/// Tasks: close the open period of each subscription whose grace is over. One that fails holds up none of the
/// others; one that goes on failing is told to a person. One end a task, in order. Throws Unavailable when
/// the store is away: then what was not committed comes again when its lease has run out.
io::awaitable<std::vector<TaskEnd>> close_periods(App& app, std::vector<storage::TaskRow> tasks);

}  // namespace wefee::server
