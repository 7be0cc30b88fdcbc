// IP addresses; ranges that are not public follow the IANA special-purpose registries (IPv4 and IPv6, 2024).
#include "io/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace wefee::io {
namespace {

constexpr std::array<unsigned char, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned v4_prefix_bits = 96;

constexpr std::array<std::string_view, 27> special_ranges{
    "0.0.0.0/8",      "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",   "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",  "240.0.0.0/4",    "::/96",          "64:ff9b::/96",   "64:ff9b:1::/48",
    "100::/64",       "2001::/23",    "2001:db8::/32",  "2002::/16",      "3fff::/20",      "5f00::/16",
    "fc00::/7",       "fe80::/9",     "ff00::/8"};

const std::vector<AddressRange>& special() {
    static const std::vector<AddressRange> ranges = [] {
        std::vector<AddressRange> all;
        for (const auto text : special_ranges) all.push_back(AddressRange::parse(text).value());
        return all;
    }();
    return ranges;
}

void clear_after(std::array<unsigned char, 16>& bytes, unsigned bits) {
    for (unsigned i = 0; i < bytes.size(); ++i) {
        const unsigned kept = std::clamp(bits, i * 8, i * 8 + 8) - i * 8;
        bytes[i] = static_cast<unsigned char>(bytes[i] & (0xFF00U >> kept));
    }
}

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || end != text.data() + text.size() || bits > most) return std::nullopt;
    return bits;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    char terminated[INET6_ADDRSTRLEN];
    if (text.empty() || text.size() >= sizeof terminated || text.contains('\0')) return std::nullopt;
    std::memcpy(terminated, text.data(), text.size());
    terminated[text.size()] = '\0';
    std::array<unsigned char, 4> v4{};
    if (inet_pton(AF_INET, terminated, v4.data()) == 1) return from_v4(v4);
    std::array<unsigned char, 16> v6{};
    if (inet_pton(AF_INET6, terminated, v6.data()) == 1) return from_v6(v6);
    return std::nullopt;
}

IpAddress IpAddress::from_v4(std::array<unsigned char, 4> bytes) {
    IpAddress address;
    std::ranges::copy(v4_prefix, address.bytes_.begin());
    std::ranges::copy(bytes, address.bytes_.begin() + v4_prefix.size());
    return address;
}

IpAddress IpAddress::from_v6(const std::array<unsigned char, 16>& bytes) {
    IpAddress address;
    address.bytes_ = bytes;
    return address;
}

bool IpAddress::is_v4() const { return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes_.begin()); }

std::string IpAddress::to_string() const {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_v4())
        inet_ntop(AF_INET, bytes_.data() + v4_prefix.size(), text, sizeof text);
    else
        inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
    return text;
}

IpAddress IpAddress::network(unsigned v4_bits, unsigned v6_bits) const {
    IpAddress network = *this;
    clear_after(network.bytes_, is_v4() ? v4_prefix_bits + std::min(v4_bits, 32U) : std::min(v6_bits, 128U));
    return network;
}

std::size_t IpAddressHash::operator()(const IpAddress& address) const noexcept {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, address.bytes().data(), 8);
    std::memcpy(&low, address.bytes().data() + 8, 8);
    return static_cast<std::size_t>((high ^ (low * 0x9E3779B97F4A7C15U)) * 0xD6E8FEB86659FD93U >> 7);
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    AddressRange range;
    const bool v4 = !text.substr(0, slash).contains(':');
    if (slash != text.npos) {
        const auto bits = parse_bits(text.substr(slash + 1), v4 ? 32 : 128);
        if (!bits) return std::nullopt;
        range.bits_ = *bits + (v4 ? v4_prefix_bits : 0);
    }
    auto bytes = address->bytes();
    clear_after(bytes, range.bits_);
    range.network_ = IpAddress::from_v6(bytes);
    return range;
}

bool AddressRange::contains(const IpAddress& address) const {
    auto bytes = address.bytes();
    clear_after(bytes, bits_);
    return bytes == network_.bytes();
}

bool contains(std::span<const AddressRange> ranges, const IpAddress& address) {
    return std::ranges::any_of(ranges, [&](const AddressRange& range) { return range.contains(address); });
}

bool is_public(const IpAddress& address) { return !contains(special(), address); }

}  // namespace wefee::io
