// What differs between two versions of a price list, in words (A2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "billing/price_list.hpp"

namespace wefee {

enum class DifferenceKind { added, removed, raised, lowered, changed };
std::string_view difference_kind_name(DifferenceKind kind);

/// As it stands in the JSON document: amounts in the unit of the field's name, quantities and days as text. A
/// row that is there on one side only, or a changed order, is told in words.
using ListedValue = std::variant<std::int64_t, bool, std::string>;

struct Difference {
    DifferenceKind kind{};
    std::string pointer;  // JSON pointer into the newer list; of what was removed: into the older one
    std::string text;     // zh-CN: where, what, from which value to which
    std::optional<ListedValue> before = {};
    std::optional<ListedValue> after = {};
};

/// Everything that differs, in the order of the list. Rows are matched by their code (charges by their meter,
/// tiers by their place); a row whose code changed is one removed and one added. Empty: the documents say the
/// same.
std::vector<Difference> differences(const PriceList& older, const PriceList& newer);

}  // namespace wefee
