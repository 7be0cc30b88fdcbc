// See resolver.hpp.
#include "io/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstring>

namespace wefee::io {
namespace {

constexpr std::size_t names_max = 256;  // configured hosts; far above what a service calls

std::vector<IpAddress> system_look_up(const std::string& host) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    const int result = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (result != 0)
        throw boost::system::system_error(result, boost::asio::error::get_addrinfo_category(),
                                          "resolve " + host);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    std::vector<IpAddress> addresses;
    for (const auto* at = found; at; at = at->ai_next) {
        IpAddress address;
        if (at->ai_family == AF_INET) {
            std::array<unsigned char, 4> bytes{};
            std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr,
                        bytes.size());
            address = IpAddress::from_v4(bytes);
        } else if (at->ai_family == AF_INET6) {
            std::array<unsigned char, 16> bytes{};
            std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(at->ai_addr)->sin6_addr,
                        bytes.size());
            address = IpAddress::from_v6(bytes);
        } else {
            continue;
        }
        if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
    }
    return addresses;
}

}  // namespace

struct Resolver::Entry {
    explicit Entry(const Executor& executor) : ended(executor) {}
    std::vector<IpAddress> addresses;
    std::chrono::steady_clock::time_point good_until{};
    std::exception_ptr failure;
    bool running = false;
    Signal ended;
};

Resolver::Resolver(Executor executor, std::chrono::milliseconds ttl)
    : executor_(executor),
      ttl_(ttl),
      tasks_(executor),
      pool_({.name = "resolver", .threads = 2, .queue_max = 64}) {}

Resolver::~Resolver() = default;

awaitable<std::vector<IpAddress>> Resolver::resolve(std::string host) {
    if (const auto address = IpAddress::parse(host)) co_return std::vector{*address};
    if (entries_.size() >= names_max) entries_.clear();  // look-ups in flight keep their own entries
    auto& known = entries_[host];
    if (!known) known = std::make_shared<Entry>(executor_);
    const auto entry = known;
    if (entry->good_until <= std::chrono::steady_clock::now()) {
        if (!entry->running) {
            entry->running = true;
            tasks_.start("resolve", look_up(host, entry));
        }
        while (entry->running) co_await entry->ended.wait();
        if (entry->failure) std::rethrow_exception(entry->failure);
    }
    co_return entry->addresses;
}

awaitable<void> Resolver::look_up(std::string host, std::shared_ptr<Entry> entry) {
    entry->failure = nullptr;
    try {
        entry->addresses = co_await pool_.run([host] { return system_look_up(host); });
        entry->good_until = std::chrono::steady_clock::now() + ttl_;
    } catch (...) {
        entry->failure = std::current_exception();
    }
    entry->running = false;
    entry->ended.notify_all();
}

awaitable<void> Resolver::stop() { co_await tasks_.stop(std::chrono::milliseconds(0)); }

}  // namespace wefee::io
