#include "server/flows/usage_reading.hpp"

#include <nlohmann/json.hpp>

#include "server/http/body.hpp"

namespace wefee::server {
namespace {

constexpr std::size_t properties_bytes_max = 8'192;

void read_event(ObjectReader& reader, UsageReading& reading) {
    reading.tenant = reader.text("tenant", 80);
    reading.meter = reader.text("meter", 64);
    reading.quantity_micro = reader.quantity_micro("quantity");
    reading.occurred_at = reader.instant("occurred_at");
    reading.sequence = reader.optional_integer("sequence", 0, INT64_MAX);
}

void read_correction(ObjectReader& reader, UsageReading& reading) {
    reading.corrects = reader.text("corrects", 128);
    reading.tenant = reader.optional_text("tenant", 80).value_or("");
    reading.meter = reader.optional_text("meter", 64).value_or("");
    reading.quantity_micro = reader.optional_quantity_micro("quantity");
    reading.occurred_at = reader.optional_instant("occurred_at");
    reading.sequence = reader.optional_integer("sequence", 0, INT64_MAX);
}

}  // namespace

UsageReading read_usage(const nlohmann::json& item, std::string pointer) {
    UsageReading reading;
    reading.pointer = pointer;
    ObjectReader reader{item, std::move(pointer)};
    if (item.is_object()) {
        reading.id = reader.text("id", 128);
        const bool deletes = item.contains("deletes"), corrects = item.contains("corrects");
        if (deletes) {
            reading.deletes = reader.text("deletes", 128);
            reading.tenant = reader.optional_text("tenant", 80).value_or("");
        } else if (corrects) {
            read_correction(reader, reading);
        } else {
            read_event(reader, reading);
        }
        if (!deletes)
            if (const auto* properties = reader.optional_object("properties")) {
                reading.properties =
                    properties->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
                if (reading.properties->size() > properties_bytes_max)
                    reader.problem("properties", "has more than 8192 bytes");
            }
        if (corrects && !deletes && !reading.quantity_micro && !reading.occurred_at && !reading.sequence &&
            !reading.properties)
            reader.problem("corrects",
                           "needs a quantity, occurred_at, sequence or properties that it changes");
    }
    reading.problems = reader.take_problems();
    reading.mistake = reader.first_mistake();
    return reading;
}

UsageProperties usage_properties(const std::string& json) {
    UsageProperties properties;
    for (const auto& [name, value] : nlohmann::json::parse(json).items()) {
        if (value.is_string())
            properties.emplace(name, value.get<std::string>());
        else if (value.is_number() || value.is_boolean())
            properties.emplace(name, value.dump());
    }
    return properties;
}

}  // namespace wefee::server
