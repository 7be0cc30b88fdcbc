// Who really calls when proxies stand in between.
#pragma once

#include <span>

#include "io/address.hpp"
#include "io/http_checks.hpp"

namespace wefee::io {

/// The last hop that is no trusted proxy, read from the right end of X-Forwarded-For; `peer` itself unless it
/// is trusted. What stands further left was written by strangers and is ignored.
IpAddress client_address(const IpAddress& peer, std::span<const HeaderView> headers,
                         std::span<const AddressRange> trusted_proxies);

/// 1 to 64 of [0-9A-Za-z._-]: an X-Request-Id of a client that may be taken over into logs and answers.
bool is_request_id(std::string_view text);

}  // namespace wefee::io
