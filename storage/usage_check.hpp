// How check_usage() reads what only the server understands: price lists and properties.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "billing/usage.hpp"
#include "storage/rows.hpp"

namespace wefee::storage {

struct UsageReader {
    /// The meter as that price list defines it; nullopt: it is not on it.
    std::function<std::optional<Meter>(const PriceListRow& list, const std::string& meter)> meter;
    std::function<UsageProperties(const std::string& properties)> properties;
};

}  // namespace wefee::storage
