// From a storage thread back to the coroutine that waits, on its own executor. The only place that meets
// Asio.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "io/async.hpp"

namespace wefee::storage {

using Resume = std::move_only_function<void(std::exception_ptr)>;

/// Calls `start` with what resumes the caller; that may be called once, from any thread.
io::awaitable<void> suspend(std::move_only_function<void(Resume)> start);

/// While it lives, what this thread resumes is kept; then each executor is handed all of its own at once: a
/// transaction answers many, and one wake-up a loop costs less than one for each of them.
class ResumesTogether {
public:
    ResumesTogether();
    ~ResumesTogether();
    ResumesTogether(const ResumesTogether&) = delete;
    ResumesTogether& operator=(const ResumesTogether&) = delete;
};

/// The same for a piece of work that leaves a result in `*result`.
template <class T>
io::awaitable<T> suspend_for(std::shared_ptr<T> result, std::move_only_function<void(Resume)> start) {
    co_await suspend(std::move(start));
    co_return std::move(*result);
}

}  // namespace wefee::storage
