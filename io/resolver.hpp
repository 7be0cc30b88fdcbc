// Host names to addresses, on a pool (getaddrinfo cannot be interrupted), remembered for a while. One loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/address.hpp"
#include "io/loop.hpp"

namespace wefee::io {

class Resolver {
public:
    Resolver(Executor executor, std::chrono::milliseconds ttl);
    ~Resolver();  // stop() first
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// The addresses of a name or of an address text, in the system's order of preference. Looks a name up
    /// once for all who wait. Throws boost::system::system_error. Cancelling it leaves the look-up running
    /// for others.
    awaitable<std::vector<IpAddress>> resolve(std::string host);
    awaitable<void> stop();

private:
    struct Entry;
    awaitable<void> look_up(std::string host, std::shared_ptr<Entry> entry);

    Executor executor_;
    std::chrono::milliseconds ttl_;
    std::map<std::string, std::shared_ptr<Entry>> entries_;
    TaskGroup tasks_;
    BlockingPool pool_;
};

}  // namespace wefee::io
