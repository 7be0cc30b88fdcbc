// Sorting that leaves equals in their order. (libstdc++ 12's stable_sort uses what C++23 deprecates.)
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace wefee {

/// `key` of a row gives what rows are ordered by: rising, or falling with std::ranges::greater.
template <class Row, class Key, class Less = std::ranges::less>
void sort_steadily(std::vector<Row>& rows, Key key, Less less = {}) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        const auto key_a = key(rows[a]);
        const auto key_b = key(rows[b]);
        return less(key_a, key_b) || (!less(key_b, key_a) && a < b);
    });
    std::vector<Row> sorted;
    for (const auto i : order) sorted.push_back(std::move(rows[i]));
    rows = std::move(sorted);
}

}  // namespace wefee
