// What must hold at any moment. Each query gives the rows that break its invariant: none, or there is a bug
// (I-18 and I-19: a delay).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/money.hpp"
#include "billing/time.hpp"
#include "storage/sql.hpp"

namespace wefee::storage {

struct Invariant {
    std::string_view number;  // I-01
    std::string_view says;
    std::span<const std::string_view>
        queries;  // :t5m now - 5 min, :t1h now - 1 h, :lim approval limit in fen
};

std::span<const Invariant> invariants();

/// The first rows (20 at most) that break one query of an invariant, columns joined by '/'.
std::vector<std::string> breaking_rows(sql::Connection& db, std::string_view query, Instant now,
                                       Fen approval_limit);

}  // namespace wefee::storage
