#include "server/http/body.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace wefee::server {
namespace {

constexpr int depth_max = 16;

/// Refuses duplicate keys and deep nesting while parsing.
class StrictKeys {
public:
    bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        using enum nlohmann::json::parse_event_t;
        if (depth > depth_max) throw Error(Errc::bad_request, "the body is nested too deep");
        if (event == object_start) keys_.emplace_back();
        if (event == object_end && !keys_.empty()) keys_.pop_back();
        if (event == key && !keys_.back().insert(parsed.get<std::string>()).second)
            throw Error(Errc::bad_request, "the body names a field twice");
        return true;
    }

private:
    std::vector<std::set<std::string>> keys_;
};

bool is_json(std::string_view content_type) {
    const auto type = content_type.substr(0, content_type.find(';'));
    return type == "application/json";
}

}  // namespace

nlohmann::json parse_object(const io::Request& request) {
    if (!is_json(request.header("content-type")))
        throw Error(Errc::unsupported_media_type, "send application/json");
    return parse_object_text(request.body);
}

nlohmann::json parse_object_text(std::string_view text) {
    nlohmann::json body;
    try {
        StrictKeys strict;
        body = nlohmann::json::parse(text, std::ref(strict));
    } catch (const nlohmann::json::exception&) {
        throw Error(Errc::bad_request, "the body is not valid JSON");
    }
    if (!body.is_object()) throw Error(Errc::bad_request, "the body must be a JSON object");
    return body;
}

ObjectReader::ObjectReader(const nlohmann::json& object, std::string pointer)
    : object_(object), pointer_(std::move(pointer)) {
    if (!object_.is_object()) problems_.push_back({pointer_, "must be an object"});
}

namespace {

/// RFC 6901: "~" and "/" are part of a name only in this form.
std::string escaped(std::string_view name) {
    std::string text;
    for (const char c : name) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
}

}  // namespace

std::string ObjectReader::pointer(std::string_view name) const {
    return fmt::format("{}/{}", pointer_, escaped(name));
}

std::optional<std::vector<std::string>> ObjectReader::optional_codes(std::string_view name) {
    const auto* array = optional_array(name, 50);
    if (!array) return std::nullopt;
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < array->size(); ++i) {
        const auto at = std::to_string(i);
        if (!(*array)[i].is_string())
            problem_in(name, at, "must be a code");
        else if (std::ranges::find(codes, (*array)[i].get<std::string>()) != codes.end())
            problem_in(name, at, "is chosen twice");
        else
            codes.push_back((*array)[i].get<std::string>());
    }
    return codes;
}

void ObjectReader::problem(std::string_view name, std::string text, std::string_view code) {
    known_.emplace_back(name);  // what is told to be wrong is not told to be unknown too
    problems_.push_back({name.empty() ? pointer_ : pointer(name), std::move(text), std::string{code}});
}

void ObjectReader::problem_in(std::string_view name, std::string_view key, std::string text) {
    known_.emplace_back(name);
    problems_.push_back(
        {fmt::format("{}/{}", pointer(name), escaped(key)), std::move(text), "invalid_value"});
}

void ObjectReader::take(ObjectReader& below) {
    auto found = below.take_problems();
    if (problems_.empty() && !found.empty()) first_ = below.first_;
    problems_.insert(problems_.end(), std::make_move_iterator(found.begin()),
                     std::make_move_iterator(found.end()));
}

const nlohmann::json* ObjectReader::find(std::string_view name, bool required) {
    known_.emplace_back(name);
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    if (required) {
        if (problems_.empty()) first_ = Errc::missing_field;
        problem(name, "is required", "missing_field");
    }
    return nullptr;
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name, std::size_t longest) {
    const auto* value = find(name, false);
    if (!value) return std::nullopt;
    if (!value->is_string()) return problem(name, "must be a text"), std::nullopt;
    auto text = value->get<std::string>();
    if (text.size() > longest)
        return problem(name, fmt::format("has more than {} bytes", longest)), std::nullopt;
    return text;
}

std::string ObjectReader::text(std::string_view name, std::size_t longest) {
    if (!find(name, true)) return {};
    auto value = optional_text(name, longest);
    if (value && value->empty()) problem(name, "must not be empty");
    return value.value_or("");
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name, std::int64_t low,
                                                           std::int64_t high) {
    const auto* value = find(name, false);
    if (!value) return std::nullopt;
    const bool fits = value->is_number_integer() &&
                      !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX);
    if (!fits) return problem(name, "must be an integer"), std::nullopt;
    const auto number = value->get<std::int64_t>();
    if (number < low || number > high)
        return problem(name, fmt::format("must be between {} and {}", low, high)), std::nullopt;
    return number;
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t low, std::int64_t high) {
    return find(name, true) ? optional_integer(name, low, high).value_or(low) : low;
}

std::optional<bool> ObjectReader::optional_flag(std::string_view name) {
    const auto* value = find(name, false);
    if (!value) return std::nullopt;
    if (!value->is_boolean()) return problem(name, "must be true or false"), std::nullopt;
    return value->get<bool>();
}

std::int64_t ObjectReader::quantity_micro(std::string_view name) {
    const auto* value = find(name, true);
    if (!value) return 0;
    const auto text = value->is_string()           ? value->get<std::string>()
                      : value->is_number_integer() ? value->dump()
                                                   : "";
    if (text.empty())
        return problem(name, "must be an integer or a decimal as text with at most 6 places"), 0;
    const auto quantity = parse_quantity(text);
    if (!quantity) return problem(name, "must be a decimal of at most 6 places within +-9e12"), 0;
    return quantity->count();
}

std::optional<std::int64_t> ObjectReader::optional_quantity_micro(std::string_view name) {
    return find(name, false) ? std::optional{quantity_micro(name)} : std::nullopt;
}

std::optional<Instant> ObjectReader::optional_instant(std::string_view name) {
    return find(name, false) ? std::optional{instant(name)} : std::nullopt;
}

Instant ObjectReader::instant(std::string_view name) {
    const auto text = this->text(name, 40);
    const auto value = parse_instant(text);
    if (!value && !text.empty()) problem(name, "must be an RFC 3339 instant with offset, 1970 to 2100");
    return value.value_or(Instant{});
}

std::optional<CivilDay> ObjectReader::optional_day(std::string_view name) {
    const auto text = optional_text(name, 10);
    if (!text) return std::nullopt;
    const auto day = parse_day(*text);
    if (!day) problem(name, "must be a date YYYY-MM-DD, 1970 to 2100");
    return day;
}

CivilDay ObjectReader::day(std::string_view name) {
    if (!find(name, true)) return {};
    return optional_day(name).value_or(CivilDay{});
}

const nlohmann::json* ObjectReader::optional_array(std::string_view name, std::size_t most) {
    const auto* value = find(name, false);
    if (!value) return nullptr;
    if (!value->is_array()) return problem(name, "must be a list"), nullptr;
    if (value->size() > most) return problem(name, fmt::format("has more than {} elements", most)), nullptr;
    return value;
}

const nlohmann::json* ObjectReader::array(std::string_view name, std::size_t most) {
    return find(name, true) ? optional_array(name, most) : nullptr;
}

const nlohmann::json* ObjectReader::optional_object(std::string_view name) {
    const auto* value = find(name, false);
    if (value && !value->is_object()) return problem(name, "must be an object"), nullptr;
    return value;
}

std::vector<FieldProblem> ObjectReader::take_problems() {
    if (object_.is_object())
        for (const auto& [name, value] : object_.items())
            if (std::ranges::count(known_, name) == 0) {
                if (problems_.empty()) first_ = Errc::unknown_field;
                problem(name, "is not a known field", "unknown_field");
            }
    return std::move(problems_);
}

void ObjectReader::finish() {
    const auto problems = take_problems();
    if (!problems.empty()) throw Error(first_, "", problems);
}

io::Response json_response(const nlohmann::json& body, int status) {
    io::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return response;
}

io::Response json_response(const nlohmann::ordered_json& body, int status) {
    io::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return response;
}

}  // namespace wefee::server
