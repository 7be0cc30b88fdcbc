// What must hold at any moment. Each query gives the rows that break its invariant: none, or there is a bug (I-18 and
// I-19: a delay).
#pragma once

#include <span>
#include <string_view>

namespace wefee::storage {

struct Invariant {
    std::string_view number;  // I-01
    std::string_view says;
    std::span<const std::string_view> queries;  // :t5m now - 5 min, :t1h now - 1 h, :lim approval limit in fen
};

std::span<const Invariant> invariants();

}  // namespace wefee::storage
