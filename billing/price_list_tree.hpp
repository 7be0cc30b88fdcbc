// A price list as a tree of named values: what the comparison of two versions works on.
#pragma once

#include "billing/price_list_diff.hpp"
#include "billing/price_list_fields.hpp"

namespace wefee {

struct ListNode {
    enum class Shape { value, row, list };
    Shape shape = Shape::value;
    std::string name = {};                    // of the field in JSON; empty for an element of a list
    std::string said = {};                    // "单价", "套餐「专业版」", "第 2 档"
    std::string key = {};                     // element of a list: what it is matched by
    std::optional<ListedValue> value = {};    // of a value that is there
    std::optional<std::int64_t> number = {};  // the same where it can be raised and lowered
    std::string shown = {};                   // the same for people
    std::vector<ListNode> children = {};
};

/// Every field in the order of the JSON document, the absent ones as values that are not there.
ListNode tree_of(const PriceList& prices);

/// All that stands below `node`, in one line: "每期价格 ¥300.00,含席位 5 席". Zeros and empty texts are left
/// out.
std::string summary(const ListNode& node);

}  // namespace wefee
