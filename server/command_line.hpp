// What subcommands share: exit codes, the configuration or its mistakes, errors as words.
#pragma once

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "server/config/config.hpp"

namespace wefee::server {

inline constexpr int exit_ok = 0, exit_failure = 1, exit_usage = 2, exit_nothing_to_do = 3, exit_refused = 4;

/// The configuration, or all its mistakes on stderr. Sets up the log.
std::optional<Config> usable_config(const std::string& path);

/// Runs `body` and turns what it throws into words and an exit code.
int guarded(auto body) {
    try {
        return body();
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "wefee: {}\n", error.what());
        return exit_usage;
    } catch (const std::exception& error) {
        fmt::print(stderr, "wefee: {}\n", error.what());
        return exit_failure;
    }
}

}  // namespace wefee::server
