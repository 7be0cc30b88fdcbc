#include "server/app.hpp"

#include "billing/error.hpp"

namespace wefee::server {

payment::Gateway& App::gateway(Provider provider) const {
    const auto found = gateways.find(provider);
    if (found == gateways.end())
        throw Error(Errc::unavailable, std::string{provider_name(provider)} + " is not configured");
    return *found->second;
}

payment::Gateway& App::gateway(std::string_view provider) const {
    const auto parsed = parse_provider(provider);
    if (!parsed) throw Error(Errc::invalid_value, "there is no provider " + std::string{provider});
    return gateway(*parsed);
}

}  // namespace wefee::server
