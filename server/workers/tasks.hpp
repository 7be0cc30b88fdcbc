// The kinds of scheduled work and the flow behind each.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "io/async.hpp"
#include "server/flows/task_end.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

/// A kind is done task by task, or in pages: then many are claimed at once, and each tells how it ended.
struct TaskKind {
    std::string_view name;
    io::awaitable<void> (*run)(App&, storage::TaskRow) = nullptr;
    io::awaitable<std::vector<TaskEnd>> (*run_page)(App&, std::vector<storage::TaskRow>) = nullptr;
};

std::span<const TaskKind> task_kinds();

}  // namespace wefee::server
