// IP addresses and ranges as plain values: who may connect, whom we may call.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wefee::io {

/// IPv4 or IPv6. An IPv4 address written in IPv6 (::ffff:a.b.c.d) is the IPv4 address, so it cannot slip past
/// a rule.
class IpAddress {
public:
    IpAddress() = default;                                         // ::
    static std::optional<IpAddress> parse(std::string_view text);  // no port, no zone, no brackets
    static IpAddress from_v4(std::array<unsigned char, 4> bytes);
    static IpAddress from_v6(const std::array<unsigned char, 16>& bytes);

    bool is_v4() const;
    std::string to_string() const;
    /// The address with all but the first `bits` cleared, counted in its own family (v4: 0..32, v6: 0..128).
    IpAddress network(unsigned v4_bits, unsigned v6_bits) const;
    const std::array<unsigned char, 16>& bytes() const { return bytes_; }
    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

private:
    std::array<unsigned char, 16> bytes_{};  // IPv4 as ::ffff:a.b.c.d
};

struct IpAddressHash {
    std::size_t operator()(const IpAddress& address) const noexcept;
};

/// "10.0.0.0/8", "2001:db8::/32", or one address.
class AddressRange {
public:
    static std::optional<AddressRange> parse(std::string_view text);
    bool contains(const IpAddress& address) const;

private:
    IpAddress network_;
    unsigned bits_ = 128;  // of the 16 bytes
};

bool contains(std::span<const AddressRange> ranges, const IpAddress& address);

/// False for loopback, private, link-local, shared, documentation, multicast, reserved, translated and
/// unspecified addresses: a server that can be led by a configured URL must not reach into its own network.
bool is_public(const IpAddress& address);

}  // namespace wefee::io
