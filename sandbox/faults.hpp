// Scripted misbehaviour: rules for answers to calls and for notifications, drawn from a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace wefee::sandbox {

struct Fault {
    int id = 0;
    bool on_call = true;   // else on a notification
    std::string provider;  // "wechat", "alipay", "wecom" or "*"
    std::string subject;   // call: path, its prefix, an Alipay method or "*"; notification: event or "*"
    std::string kind;
    int times = 1;  // 0: until cleared
    int percent = 100;
    int seconds = 1;  // slow (real time), delay (on the clock)
    int status = 502;
    int copies = 2;  // duplicate
    int fired = 0;
};

class Faults {
public:
    /// Returns the id. Throws std::invalid_argument for a kind that does not exist.
    int add(Fault fault);
    void clear() { faults_.clear(); }
    void seed(std::uint64_t value) { random_.seed(value); }
    std::optional<Fault> on_call(std::string_view provider, std::string_view path) {
        return match(true, provider, path);
    }
    std::optional<Fault> on_notification(std::string_view provider, std::string_view event) {
        return match(false, provider, event);
    }
    const std::vector<Fault>& all() const { return faults_; }
    /// True in `percent` of 100 draws.
    bool draw(int percent);

private:
    std::optional<Fault> match(bool on_call, std::string_view provider, std::string_view subject);
    std::vector<Fault> faults_;
    std::mt19937_64 random_{20260101};
    int last_id_ = 0;
};

}  // namespace wefee::sandbox
