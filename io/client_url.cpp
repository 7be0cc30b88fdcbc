// See client_url.hpp.
#include "io/client_url.hpp"

#include <algorithm>
#include <charconv>

#include "io/address.hpp"

namespace wefee::io {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

[[noreturn]] void refuse(const char* why) { throw NotSent(std::string("request refused: ") + why); }

void read_port(std::string_view text, ClientUrl& url) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), url.port);
    if (error != std::errc() || end != text.data() + text.size() || url.port == 0) refuse("the URL's port");
}

void read_authority(std::string_view text, ClientUrl& url) {
    std::string_view host = text.substr(0, text.find(':')), rest = text.substr(host.size());
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == text.npos) refuse("the URL's address");
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (!IpAddress::parse(host)) refuse("the URL's address");
    } else if (host.empty() || host.size() > 253 || !std::ranges::all_of(host, [](char c) {
                   return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
               })) {
        refuse("the URL's host");
    }
    url.host.resize(host.size());
    std::ranges::transform(host, url.host.begin(), lower);
    if (rest.starts_with(':'))
        read_port(rest.substr(1), url);
    else if (!rest.empty())
        refuse("the URL's host");
}

bool is_ours(std::string_view name) {
    for (const std::string_view ours : {"host", "content-length", "transfer-encoding", "connection"})
        if (name.size() == ours.size() && std::ranges::equal(name, ours, {}, lower)) return true;
    return false;
}

}  // namespace

std::string ClientUrl::authority() const {
    auto text = host.contains(':') ? "[" + host + "]" : host;
    if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
    return text;
}

ClientUrl parse_client_url(std::string_view url) {
    ClientUrl parsed;
    if (url.starts_with("https://")) {
        url.remove_prefix(8);
    } else if (url.starts_with("http://")) {
        url.remove_prefix(7);
        parsed.tls = false;
        parsed.port = 80;
    } else {
        refuse("the URL's scheme");
    }
    if (!std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F && c != '#'; }))
        refuse("a character in the URL");
    const auto authority = url.substr(0, url.find_first_of("/?"));
    read_authority(authority, parsed);
    parsed.target = url.substr(authority.size());
    if (!parsed.target.starts_with('/')) parsed.target.insert(0, "/");
    return parsed;
}

std::string render_request(const ClientRequest& request, const ClientUrl& url) {
    if (request.method.empty() ||
        !std::ranges::all_of(request.method, [](char c) { return c >= 'A' && c <= 'Z'; }))
        refuse("the method");
    std::string text = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
    for (const auto& [name, value] : request.headers) {
        const bool named = !name.empty() && std::ranges::all_of(name, [](char c) {
            return is_alphanumeric(c) || c == '-' || c == '_';
        });
        if (!named || is_ours(name)) refuse("a header's name");
        if (!std::ranges::all_of(value,
                                 [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; }))
            refuse("a header's value");
        text += name + ": " + value + "\r\n";
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH")
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    text += "\r\n";
    text += request.body;
    return text;
}

}  // namespace wefee::io
