// The sandbox's way out: one connection a message, as simulated providers from many machines would make them.
// Plain HTTP.
#pragma once

#include "io/http.hpp"

namespace wefee::sandbox {

class PlainClient final : public io::HttpClient {
public:
    /// Throws boost::system::system_error also for an address that is not http://host:port/...
    io::awaitable<io::ClientResponse> send(io::ClientRequest request,
                                           std::chrono::milliseconds total_limit) override;
};

}  // namespace wefee::sandbox
