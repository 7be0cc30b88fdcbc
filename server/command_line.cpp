#include "server/command_line.hpp"

#include "io/log.hpp"

namespace wefee::server {

std::optional<Config> usable_config(const std::string& path) {
    auto loaded = load_config(path);
    if (loaded.mistakes.empty()) {
        io::LogSettings settings;
        settings.format = loaded.config.log_format == "text" ? io::LogFormat::text : io::LogFormat::json;
        io::configure_log(settings);
        return std::move(loaded.config);
    }
    fmt::print(stderr, "{} mistake{} in the configuration {}:\n", loaded.mistakes.size(),
               loaded.mistakes.size() == 1 ? "" : "s", path);
    for (const auto& mistake : loaded.mistakes) fmt::print(stderr, "  {}: {}\n", mistake.key, mistake.reason);
    return std::nullopt;
}

}  // namespace wefee::server
