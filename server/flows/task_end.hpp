// How a task ended that was done together with others of its kind.
#pragma once

#include <string>

#include "billing/time.hpp"

namespace wefee::server {

struct TaskEnd {
    enum class How {
        done,
        moved,  // the transaction that did it scheduled the next one in its place
        later,  // not due yet
        failed
    };
    How how = How::done;
    Instant at{};  // later: when
    std::string failure = {};
};

}  // namespace wefee::server
