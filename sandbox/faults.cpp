#include "sandbox/faults.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wefee::sandbox {
namespace {

constexpr std::array<std::string_view, 11> call_kinds{
    "lose_request", "lose_reply",    "system_error", "executed_error", "status", "slow",
    "unsigned",     "bad_signature", "probe",        "garbled",        "empty"};
constexpr std::array<std::string_view, 10> notification_kinds{
    "drop",  "lose_reply",   "duplicate", "delay",  "reorder",
    "probe", "wrong_amount", "wrong_key", "tamper", "before_reply"};

bool covers(std::string_view pattern, std::string_view subject) {
    return pattern == "*" || subject == pattern || (pattern.starts_with('/') && subject.starts_with(pattern));
}

}  // namespace

int Faults::add(Fault fault) {
    const bool known = fault.on_call
                           ? std::ranges::find(call_kinds, fault.kind) != call_kinds.end()
                           : std::ranges::find(notification_kinds, fault.kind) != notification_kinds.end();
    if (!known) throw std::invalid_argument("no such kind of fault: " + fault.kind);
    fault.id = ++last_id_;
    faults_.push_back(std::move(fault));
    return last_id_;
}

bool Faults::draw(int percent) {
    if (percent >= 100) return true;
    if (percent <= 0) return false;
    return static_cast<int>(random_() % 100) < percent;
}

std::optional<Fault> Faults::match(bool on_call, std::string_view provider, std::string_view subject) {
    for (auto& fault : faults_) {
        if (fault.on_call != on_call || !(fault.provider == "*" || fault.provider == provider)) continue;
        if (!covers(fault.subject, subject) || (fault.times > 0 && fault.fired >= fault.times)) continue;
        if (!draw(fault.percent)) continue;
        ++fault.fired;
        return fault;
    }
    return std::nullopt;
}

}  // namespace wefee::sandbox
