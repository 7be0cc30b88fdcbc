// async_initiate over a plain callback.
#include "storage/resume.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wefee::storage {

namespace asio = boost::asio;

namespace {

using Work = asio::executor_work_guard<asio::any_io_executor>;
using Resumed = std::move_only_function<void()>;

struct OfOneExecutor {
    Work work;
    std::vector<Resumed> resumed;
};
thread_local std::optional<std::vector<OfOneExecutor>> together;

void hand_over(Work work, Resumed resumed) {
    const auto executor = work.get_executor();
    if (!together) return asio::post(executor, std::move(resumed));
    const auto known = std::ranges::find_if(
        *together, [&](const OfOneExecutor& one) { return one.work.get_executor() == executor; });
    auto& of_it = known != together->end() ? *known : together->emplace_back(std::move(work));
    of_it.resumed.push_back(std::move(resumed));
}

}  // namespace

ResumesTogether::ResumesTogether() { together.emplace(); }

ResumesTogether::~ResumesTogether() {
    auto all = std::exchange(together, std::nullopt);
    for (auto& of_one : *all)
        asio::post(of_one.work.get_executor(), [resumed = std::move(of_one.resumed)]() mutable {
            for (auto& one : resumed) one();
        });
}

io::awaitable<void> suspend(std::move_only_function<void(Resume)> start) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        [](auto handler, std::move_only_function<void(Resume)> begin) {
            auto work = asio::make_work_guard(asio::get_associated_executor(handler));
            begin([handler = std::move(handler), work = std::move(work)](std::exception_ptr failure) mutable {
                hand_over(std::move(work),
                          [handler = std::move(handler), failure = std::move(failure)]() mutable {
                              std::move(handler)(std::move(failure));
                          });
            });
        },
        asio::use_awaitable, std::move(start));
}

}  // namespace wefee::storage
