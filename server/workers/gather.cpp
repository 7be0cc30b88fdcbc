#include "server/workers/gather.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wefee::server {
namespace asio = boost::asio;

io::awaitable<void> gather(std::vector<io::awaitable<void>> parts) {
    if (parts.empty()) co_return;
    if (parts.size() == 1) {
        co_await std::move(parts.front());
        co_return;
    }
    // One loop is one thread: a plain counter is enough, and the timer is only a gate that the last one
    // opens.
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer gate{executor, asio::steady_timer::time_point::max()};
    std::size_t left = parts.size();
    std::exception_ptr first;
    for (auto& part : parts)
        asio::co_spawn(executor, std::move(part), [&](std::exception_ptr failure) {
            if (failure && !first) first = failure;
            if (--left == 0) gate.cancel();
        });
    boost::system::error_code ignored;
    while (left > 0) co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (first) std::rethrow_exception(first);
}

}  // namespace wefee::server
