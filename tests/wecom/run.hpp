// Runs one awaitable to its end on a loop of its own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "io/async.hpp"

namespace wefee::wecom::test {

template <class T>
T run(io::awaitable<T> work) {
    boost::asio::io_context loop(1);
    std::optional<T> value;
    std::exception_ptr failure;
    boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr error, T result) {
        failure = error;
        value = std::move(result);
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(value).value();
}

}  // namespace wefee::wecom::test
