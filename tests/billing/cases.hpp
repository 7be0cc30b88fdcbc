// The published cases in tests/data/billing/billing-cases.jsonl: each id has a function from its `in` to our
// `out`.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "billing/fraction.hpp"
#include "billing/quantity.hpp"
#include "billing/time.hpp"

namespace wefee::cases {

using nlohmann::json;
using Cases = std::map<std::string, json (*)(const json&)>;

const Cases& period_cases();
const Cases& usage_cases();
const Cases& money_cases();
const Cases& provider_cases();

inline CivilDay day(const json& text) { return parse_day(text.get<std::string>()).value(); }
inline DaySpan span(const json& pair) { return {day(pair.at(0)), day(pair.at(1))}; }
inline json text(DaySpan span) { return {format_day(span.start), format_day(span.end)}; }
inline Fen fen(const json& number) { return Fen{number.get<std::int64_t>()}; }
inline MicroYuan price(const json& number) {
    return MicroYuan{number.get<std::int64_t>() * micro_yuan_per_fen};
}
inline int whole(const json& number) { return number.get<int>(); }

}  // namespace wefee::cases
