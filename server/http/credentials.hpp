// Who is calling: sessions of members, API keys of the vendor's systems and operators. Tokens are opaque;
// only their SHA-256 is stored.
#pragma once

#include "server/http/router.hpp"

namespace wefee::server {

/// Reads the Authorization header and checks `access`. Throws Error{unauthorised} or Error{forbidden}.
io::awaitable<Credential> authenticate(App& app, const io::Request& request, Access access);

/// SHA-256 hex of a token: what the store keeps.
std::string token_hash(std::string_view token);

}  // namespace wefee::server
