// URLs that the client may call, and requests as bytes. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "io/http.hpp"

namespace wefee::io {

struct ClientUrl {
    bool tls = true;
    std::string host;  // lower case; an IPv6 address without brackets
    std::uint16_t port = 443;
    std::string target;  // path and query, at least "/"

    std::string authority() const;  // as in the Host header: the port only when it is not the scheme's
};

/// Throws NotSent for anything but http(s)://host[:port][/target] without user, fragment, blanks or controls.
ClientUrl parse_client_url(std::string_view url);

/// The request's bytes. Throws NotSent when method or a header would break out of its line, or names a header
/// that is ours (Host, Content-Length, Transfer-Encoding, Connection).
std::string render_request(const ClientRequest& request, const ClientUrl& url);

}  // namespace wefee::io
