// `wefee usage import`.
#pragma once

#include <string>

#include "server/config/config.hpp"

namespace wefee::server {

/// Takes a file of usage events in batches of 1,000, prints counts and writes rejected rows with their
/// reasons to FILE.rejected. False when a row was rejected. Throws std::invalid_argument when the file cannot
/// be read as one.
bool import_usage(const Config& config, const std::string& path);

}  // namespace wefee::server
