// Shapes of the control interface's handlers; for control*.cpp only.
#pragma once

#include <nlohmann/json.hpp>

#include "sandbox/control.hpp"

namespace wefee::sandbox {

struct Control::Outcome {
    Json json = Json::object();
    int status = 200;
    std::shared_ptr<Delivery> delivery = nullptr;  // its first result goes into "delivery"
    std::function<void(Json&)> finish = nullptr;   // after the deliveries
};

struct Control::Route {
    std::string_view method;
    std::string_view path;  // "{id}" stands for one segment
    Outcome (Control::*run)(const Json& body, const std::string& id);
};

/// A control call that cannot be done: status and words.
class ControlError : public std::runtime_error {
public:
    ControlError(int status, const std::string& text) : std::runtime_error(text), status_(status) {}
    int status() const { return status_; }

private:
    int status_;
};

/// RFC 3339 under `name`, milliseconds under `name`_ms.
inline void put_instant(nlohmann::json& object, const std::string& name, Instant t) {
    object[name] = format_instant(t);
    object[name + "_ms"] = to_millis(t);
}

}  // namespace wefee::sandbox
