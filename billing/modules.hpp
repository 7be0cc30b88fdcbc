// One charge per module (R10): what several plans and add-ons share is paid once at any moment.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "billing/proration.hpp"

namespace wefee {

struct ModulePrice {
    std::string module;
    Fraction list_price;  // in fen, per full period, sold alone
};

/// A plan or add-on that was chosen, with the days on which it is used. Earlier items pay for what they
/// share.
struct SelectedItem {
    std::string code;
    Fraction price;  // in fen, per full period
    std::vector<std::string> modules;
    DaySpan span;
};

struct ItemCharge {
    std::string code;
    Fraction exact;
    Fen amount;
    Fen credited;         // what the overlap took off
    int shared_days = 0;  // weighted as the days are counted
};

/// Day by day: an item costs its price less the list prices of modules that an earlier item covers that day,
/// never below zero; an item whose modules are all covered costs nothing that day. One rounding per item.
std::vector<ItemCharge> charge_once(std::span<const SelectedItem> items, std::span<const ModulePrice> list,
                                    DaySpan full, DayCount count = DayCount::actual);

}  // namespace wefee
