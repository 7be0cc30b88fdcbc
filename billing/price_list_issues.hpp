// What the parts of the check of a price list share: the collected issues and the checks of single amounts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/price_list.hpp"

namespace wefee {

class Issues {
public:
    void add(std::string_view code, std::string pointer, std::string text) {
        all_.push_back({std::string(code), std::move(pointer), std::move(text)});
    }
    void price(std::int64_t value, std::string pointer) {
        not_negative("negative_price", value, std::move(pointer));
    }
    void count(std::int64_t value, std::string pointer) {
        not_negative("bad_value", value, std::move(pointer));
    }
    /// A minimum and a cap of one thing, at `<pointer>/minimum_fen` and `/cap_fen`.
    void limits(std::optional<Fen> minimum, std::optional<Fen> cap, const std::string& pointer) {
        if (minimum) price(minimum->count(), pointer + "/minimum_fen");
        if (cap) price(cap->count(), pointer + "/cap_fen");
        if (minimum && cap && *minimum > *cap)
            add("bad_value", pointer + "/cap_fen", "lies below the minimum");
    }
    std::vector<Issue> take() { return std::move(all_); }

private:
    void not_negative(std::string_view code, std::int64_t value, std::string pointer) {
        if (value < 0) add(code, std::move(pointer), "must not be negative");
    }
    std::vector<Issue> all_;
};

/// "/plans/0"
inline std::string list_pointer(std::string_view list, std::size_t i) {
    return "/" + std::string(list) + "/" + std::to_string(i);
}

/// Tiers at `pointer`/`name`: without gap or overlap, no price below 0.
void check_tiers(const std::vector<Tier>& tiers, const std::string& pointer, std::string_view name,
                 Issues& issues);

/// Included credits at `pointer`/credits: each of some amount, for meters that are charged. `charged`: what
/// the plan, or any plan beside an add-on, charges.
void check_credits(const std::vector<IncludedCredit>& credits, const std::vector<std::string>& charged,
                   const PriceList& prices, const std::string& pointer, Issues& issues);

/// The price of one meter in a plan: whether its model can work it out, and uses all that it says.
void check_usage(const UsageCharge& charge, const PriceList& prices, const std::string& pointer,
                 Issues& issues);

}  // namespace wefee
