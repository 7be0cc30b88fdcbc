// Store URLs by hand: few forms, each mistake with its own words.
#include "storage/url.hpp"

#include <charconv>
#include <stdexcept>

#include "io/encoding.hpp"

namespace wefee::storage {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument("store url: " + why); }

std::string decoded(std::string_view text) {
    auto plain = io::percent_decode(text, false);
    if (!plain) refuse("a broken %XX");
    return *plain;
}

StoreUrl parse_mysql(std::string_view rest) {
    StoreUrl url;
    url.kind = StoreUrl::Kind::mysql;
    const auto question = rest.find('?');
    const auto query = question == std::string_view::npos ? std::string_view{} : rest.substr(question + 1);
    rest = rest.substr(0, question);
    const auto at = rest.find('@');
    if (at == std::string_view::npos || at == 0) refuse("mysql://user@host/database needs a user");
    const auto user = rest.substr(0, at);
    if (user.find(':') != std::string_view::npos) refuse("the password belongs into password_file");
    url.user = decoded(user);
    rest.remove_prefix(at + 1);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) refuse("a database name is missing");
    url.database = decoded(rest.substr(slash + 1));
    auto host = rest.substr(0, slash);
    if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.back() != ']') {
        const auto digits = host.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
        if (error != std::errc{} || end != digits.data() + digits.size() || url.port < 1 || url.port > 65'535)
            refuse("the port is not a number from 1 to 65535");
        host = host.substr(0, colon);
    }
    url.host = decoded(host);
    if (!query.empty()) {
        const auto fields = io::parse_form(query, false);
        if (!fields) refuse("a broken %XX");
        for (const auto& [name, value] : *fields) {
            if (name != "socket") refuse("unknown option " + name);
            url.socket = value;
        }
    }
    if (url.host.empty() && url.socket.empty()) refuse("a host or ?socket= is missing");
    return url;
}

}  // namespace

StoreUrl parse_store_url(std::string_view text) {
    constexpr std::string_view sqlite = "sqlite://";
    constexpr std::string_view mysql = "mysql://";
    if (text.starts_with(mysql)) return parse_mysql(text.substr(mysql.size()));
    if (!text.starts_with(sqlite)) refuse("it starts with neither sqlite:/// nor mysql://");
    StoreUrl url;
    url.kind = StoreUrl::Kind::sqlite;
    url.path = decoded(text.substr(sqlite.size()));
    if (!url.path.starts_with('/') || url.path.size() < 2) refuse("sqlite:///path needs a whole path");
    return url;
}

}  // namespace wefee::storage
