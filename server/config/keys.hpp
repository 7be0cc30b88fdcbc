// The table of configuration keys: name, where it lives in Config, and its kind. load, show, the environment
// and the reference in docs/configuration.md are all read from it.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "server/config/config.hpp"

namespace wefee::server {

using ConfigField =
    std::variant<std::string*, std::int64_t*, bool*, std::chrono::minutes*, std::optional<std::int64_t>*,
                 std::optional<Instant>*, std::vector<std::string>*, std::vector<std::int64_t>*>;

struct ConfigKey {
    std::string name;  // "wechatpay.mchid"; keys without a section have no dot
    ConfigField field;
    std::string help;
};

/// The keys bound to one Config value, in the order of the reference.
std::vector<ConfigKey> config_keys(Config& config);

}  // namespace wefee::server
