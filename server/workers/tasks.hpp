// The kinds of scheduled work and the flow behind each.
#pragma once

#include <span>
#include <string_view>

#include "io/async.hpp"
#include "storage/rows.hpp"

namespace wefee::server {

struct App;

struct TaskKind {
    std::string_view name;
    io::awaitable<void> (*run)(App&, storage::TaskRow);
};

std::span<const TaskKind> task_kinds();

}  // namespace wefee::server
