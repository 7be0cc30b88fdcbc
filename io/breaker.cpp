// See breaker.hpp.
#include "io/breaker.hpp"

namespace wefee::io {

bool Breaker::allow(Time now) {
    if (!open_) return true;
    if (now < retry_at_) return false;
    retry_at_ =
        now + policy_.open_time;  // this call is the probe; a probe that never reports is given up then
    return true;
}

void Breaker::success() {
    open_ = false;
    failures_.clear();
}

void Breaker::failure(Time now) {
    if (open_) return open(now);
    failures_.push_back(now);
    while (now - failures_.front() > policy_.window) failures_.pop_front();
    if (failures_.size() >= policy_.failures) open(now);
}

void Breaker::open(Time now) {
    open_ = true;
    retry_at_ = now + policy_.open_time;
    failures_.clear();
}

std::chrono::milliseconds Breaker::wait(Time now) const {
    if (!open_ || now >= retry_at_) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(retry_at_ - now);
}

}  // namespace wefee::io
