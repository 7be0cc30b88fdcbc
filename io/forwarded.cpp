// X-Forwarded-For from right to left. See forwarded.hpp.
#include "io/forwarded.hpp"

#include <algorithm>

namespace wefee::io {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_forwarded_for(std::string_view name) {
    constexpr std::string_view wanted = "x-forwarded-for";
    return name.size() == wanted.size() && std::ranges::equal(name, wanted, {}, lower);
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

}  // namespace

IpAddress client_address(const IpAddress& peer, std::span<const HeaderView> headers,
                         std::span<const AddressRange> trusted_proxies) {
    auto client = peer;
    if (!contains(trusted_proxies, client)) return client;
    for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
        if (!is_forwarded_for(header->first)) continue;
        auto list = header->second;
        for (bool more = true; more;) {
            const auto comma = list.rfind(',');
            more = comma != list.npos;
            const auto hop = IpAddress::parse(trim(more ? list.substr(comma + 1) : list));
            if (!hop) return client;
            client = *hop;
            if (!contains(trusted_proxies, client)) return client;
            if (more) list = list.substr(0, comma);
        }
    }
    return client;
}

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '_' ||
               c == '-';
    });
}

}  // namespace wefee::io
