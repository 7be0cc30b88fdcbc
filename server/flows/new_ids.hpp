// Ids of new rows: random, or the same for the same seed.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "billing/ids.hpp"
#include "io/crypto.hpp"

namespace wefee::server {

/// "chg_" + 20 random letters and digits (over 110 random bits).
template <class Identifier>
Identifier new_id(std::string_view prefix) {
    return Identifier{std::string{prefix} + io::random_alphanumeric(20)};
}
inline std::string new_id_text(std::string_view prefix) {
    return std::string{prefix} + io::random_alphanumeric(20);
}

/// What follows the prefix of a tenant's id, and of the ids of what belongs to it: a tenant's rows lie side
/// by side in every index. What is done for many tenants in the order of their ids then goes through each
/// index once, instead of all over it.
template <class Identifier>
std::string_view id_head(const Identifier& id) {
    return std::string_view{id.text()}.substr(4, 6);
}

/// "sub_" + the head of the tenant's id + 14 hex digits of the hash of `seed`: the same id for the same seed.
template <class Identifier>
Identifier id_beside(const TenantId& tenant, std::string_view prefix, const std::string& seed) {
    return Identifier{fmt::format("{}{}{}", prefix, id_head(tenant), io::sha256_hex(seed).substr(0, 14))};
}

}  // namespace wefee::server
