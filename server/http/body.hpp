// Request bodies: strict JSON objects. Every mistake is collected with its JSON pointer; unknown fields are
// refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "billing/error.hpp"
#include "billing/money.hpp"
#include "billing/quantity.hpp"
#include "billing/time.hpp"
#include "io/http.hpp"

namespace wefee::server {

/// Throws Error{bad_request} when the body is not one JSON object (depth at most 16, no duplicate keys),
/// Error{unsupported_media_type} when the type is not application/json.
nlohmann::json parse_object(const io::Request& request);
/// The same of a text that did not come by HTTP.
nlohmann::json parse_object_text(std::string_view text);

/// Reads one object; finish() throws what was wrong, all at once.
class ObjectReader {
public:
    ObjectReader(const nlohmann::json& object, std::string pointer = "");
    std::string text(std::string_view name, std::size_t longest = 256);
    std::optional<std::string> optional_text(std::string_view name, std::size_t longest = 256);
    std::int64_t integer(std::string_view name, std::int64_t low, std::int64_t high);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t low, std::int64_t high);
    std::optional<bool> optional_flag(std::string_view name);
    /// "1.5" or 1: a decimal with at most 6 places, as 10^-6. Fractions must be texts.
    std::int64_t quantity_micro(std::string_view name);
    std::optional<std::int64_t> optional_quantity_micro(std::string_view name);
    std::optional<Instant> optional_instant(std::string_view name);
    Instant instant(std::string_view name);
    std::optional<CivilDay> optional_day(std::string_view name);
    CivilDay day(std::string_view name);
    const nlohmann::json* array(std::string_view name, std::size_t most);
    const nlohmann::json* optional_array(std::string_view name, std::size_t most);
    const nlohmann::json* optional_object(std::string_view name);
    /// A list of at most 50 different codes.
    std::optional<std::vector<std::string>> optional_codes(std::string_view name);
    /// `name`: a field of this object, "" for the object itself.
    void problem(std::string_view name, std::string text, std::string_view code = "invalid_value");
    /// Within a list or an object of this object: an item by its place or its name.
    void problem_in(std::string_view name, std::string_view key, std::string text);
    /// Takes over what a reader of something within this object found.
    void take(ObjectReader& below);
    std::string pointer(std::string_view name) const;
    /// What kind of mistake the first one was: invalid_value, missing_field or unknown_field.
    Errc first_mistake() const { return first_; }
    /// Collects unknown fields, then the mistakes of readers below it go to `problems`.
    std::vector<FieldProblem> take_problems();
    /// Throws Error{invalid_value, missing_field or unknown_field} with all mistakes.
    void finish();

private:
    const nlohmann::json* find(std::string_view name, bool required);
    const nlohmann::json& object_;
    std::string pointer_;
    std::vector<std::string> known_;
    std::vector<FieldProblem> problems_;
    Errc first_ = Errc::invalid_value;
};

io::Response json_response(const nlohmann::json& body, int status = 200);
io::Response json_response(const nlohmann::ordered_json& body, int status = 200);

}  // namespace wefee::server
