// Walks the days: periods are short, and the day is what the customer reads on the bill.
#include "billing/modules.hpp"

#include <algorithm>

namespace wefee {
namespace {

bool holds(DaySpan span, CivilDay day) { return span.start <= day && day < span.end; }

bool covered(std::span<const SelectedItem> earlier, const std::string& module, CivilDay day) {
    return std::ranges::any_of(earlier, [&](const SelectedItem& item) {
        return holds(item.span, day) && std::ranges::find(item.modules, module) != item.modules.end();
    });
}

Fraction list_price(std::span<const ModulePrice> list, const std::string& module) {
    const auto found = std::ranges::find(list, module, &ModulePrice::module);
    return found == list.end() ? Fraction{} : found->list_price;
}

struct DayCost {
    Fraction cost;
    bool shared;
};

DayCost cost_of_day(const SelectedItem& item, std::span<const SelectedItem> earlier,
                    std::span<const ModulePrice> list, CivilDay day) {
    Fraction cost = item.price;
    std::size_t shared = 0;
    for (const auto& module : item.modules) {
        if (!covered(earlier, module, day)) continue;
        ++shared;
        cost -= list_price(list, module);
    }
    if (shared > 0 && shared == item.modules.size()) cost = Fraction{};
    return {shared > 0 ? std::max(cost, Fraction{}) : cost, shared > 0};
}

}  // namespace

std::vector<ItemCharge> charge_once(std::span<const SelectedItem> items, std::span<const ModulePrice> list,
                                    DaySpan full, DayCount count) {
    std::vector<ItemCharge> charges;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& item = items[i];
        ItemCharge charge{item.code, {}, {}, {}, 0};
        Fraction per_day;
        for (auto day = item.span.start; day < item.span.end; day = add_days(day, 1)) {
            const auto today = cost_of_day(item, items.first(i), list, day);
            const int weight = day_weight(day, count);
            per_day += today.cost * Fraction{weight};
            if (today.shared) charge.shared_days += weight;
        }
        const auto part = part_of(item.span, full, count);
        charge.exact = per_day / Fraction{part.of};
        charge.amount = rounded(charge.exact);
        charge.credited = rounded(item.price * part.share()) - charge.amount;
        charges.push_back(std::move(charge));
    }
    return charges;
}

}  // namespace wefee
