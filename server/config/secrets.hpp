// Secrets come from files; empty, short, sample and duplicate ones refuse to start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wefee::server {

/// The file's content without one trailing line feed; nullopt when it cannot be read.
std::optional<std::string> read_secret_file(const std::string& path);

/// Why this text may not serve as a secret; nullopt when it may. `testing` allows short ones and the
/// providers' published sample values, never empty ones or placeholders.
std::optional<std::string> secret_weakness(std::string_view secret, std::size_t shortest, bool testing);

/// True when group or others may read the file.
bool readable_by_others(const std::string& path);

}  // namespace wefee::server
