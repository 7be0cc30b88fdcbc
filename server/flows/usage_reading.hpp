// One usage item as it is sent, by HTTP or in a file: an event, a correction of one, or its deletion.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "billing/error.hpp"
#include "billing/usage.hpp"

namespace wefee::server {

/// The fields as sent, with what was wrong in their form.
struct UsageReading {
    std::string id;
    std::string tenant;  // tenant id or corp id; corrections under a tenant's own key may leave it out
    std::string meter;   // of an event; a correction may repeat it
    std::optional<std::int64_t> quantity_micro;
    std::optional<Instant> occurred_at;
    std::optional<std::int64_t> sequence;
    std::optional<std::string> properties;  // JSON object
    std::string corrects;                   // the event that it corrects
    std::string deletes;                    // the event that it deletes
    std::string pointer;                    // of the item: "/events/3"
    Errc mistake = Errc::invalid_value;     // of the first problem
    std::vector<FieldProblem> problems;

    bool changes_an_event() const { return !corrects.empty() || !deletes.empty(); }
    const std::string& target() const { return deletes.empty() ? corrects : deletes; }
};

/// Never throws: what is wrong with an item stays with it.
UsageReading read_usage(const nlohmann::json& item, std::string pointer);

/// The properties that meters may look at: texts, numbers and flags as texts; lists and objects are left out.
UsageProperties usage_properties(const std::string& json);

}  // namespace wefee::server
