// Runs several coroutines at once on the caller's loop and waits for all of them.
#pragma once

#include <vector>

#include "io/async.hpp"

namespace wefee::server {

/// All run to their end; then the first failure is thrown again.
io::awaitable<void> gather(std::vector<io::awaitable<void>> parts);

}  // namespace wefee::server
