// async_initiate over a plain callback.
#include "storage/resume.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wefee::storage {

namespace asio = boost::asio;

io::awaitable<void> suspend(std::move_only_function<void(Resume)> start) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        [](auto handler, std::move_only_function<void(Resume)> begin) {
            auto work = asio::make_work_guard(asio::get_associated_executor(handler));
            begin([handler = std::move(handler), work = std::move(work)](std::exception_ptr failure) mutable {
                const auto executor = work.get_executor();
                asio::post(executor, [handler = std::move(handler), failure = std::move(failure)]() mutable {
                    std::move(handler)(std::move(failure));
                });
                work.reset();
            });
        },
        asio::use_awaitable, std::move(start));
}

}  // namespace wefee::storage
