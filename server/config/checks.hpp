// What a configuration must fulfil beyond the kinds of its keys.
#pragma once

#include "server/config/config.hpp"

namespace wefee::server {

void check_config(const Config& config, std::vector<ConfigMistake>& mistakes);

}  // namespace wefee::server
