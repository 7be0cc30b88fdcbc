#include "server/config/secrets.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>

namespace wefee::server {
namespace {

/// Values that the providers print in their own documents.
constexpr std::string_view published_samples[] = {
    "192006250b4c09247ec02edce69f6a2d",             // WeChat Pay v2 signature page
    "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",  // WeCom callback sample
    "QDG6eK",                                       // its token
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
};

constexpr std::string_view placeholder_words[] = {"changeme", "change_me", "change-me",   "your_",
                                                  "your-",    "example",   "placeholder", "sample",
                                                  "replace",  "secret123", "password"};
/// Four letters stand somewhere in one of a few hundred random keys by chance: these count at the start only.
constexpr std::string_view placeholder_starts[] = {"xxxx", "todo"};

std::string lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

bool is_placeholder(std::string_view secret) {
    if (secret.starts_with("-----BEGIN "))
        return false;  // a key file is read by the crypto library, which tells
    const auto text = lower(secret);
    if (std::ranges::any_of(placeholder_starts,
                            [&](std::string_view word) { return text.starts_with(word); }))
        return true;
    if (std::ranges::any_of(placeholder_words,
                            [&](std::string_view word) { return text.find(word) != std::string::npos; }))
        return true;
    return std::ranges::all_of(text, [&](char c) { return c == text.front(); });
}

}  // namespace

std::optional<std::string> read_secret_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    auto content = text.str();
    if (content.ends_with('\n')) content.pop_back();
    if (content.ends_with('\r')) content.pop_back();
    return content;
}

std::optional<std::string> secret_weakness(std::string_view secret, std::size_t shortest, bool testing) {
    if (secret.empty()) return "is empty";
    if (is_placeholder(secret)) return "is a placeholder, not a secret";
    if (testing) return std::nullopt;
    if (std::ranges::count(published_samples, secret)) return "is a published sample value";
    if (secret.size() < shortest)
        return fmt::format("has {} characters, at least {} are needed", secret.size(), shortest);
    return std::nullopt;
}

bool readable_by_others(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace wefee::server
