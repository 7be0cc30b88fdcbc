// The one coroutine type that crosses rooms. Light on purpose: no Beast, no sockets.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace wefee::io {

template <class T>
using awaitable = boost::asio::awaitable<T>;

}  // namespace wefee::io
