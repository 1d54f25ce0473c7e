// The host and port of a request in one canonical form (RFC 3986 section 3.2.2, RFC 9110 section 7.2), and IP prefixes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace godwit::http {

struct Authority {
    std::string host;  ///< lower case, no trailing dot; an IPv6 address in its shortest form, in brackets
    std::string port;  ///< decimal digits without leading zeros, "" when none was given

    friend bool operator==(const Authority&, const Authority&) = default;
};

/// "Host:port" as clients send it. nullopt: empty, user information, a zone id, a port outside 1–65535, or a character that no DNS
/// name has (an internationalized name arrives in its ASCII form).
std::optional<Authority> parse_authority(std::string_view text);

/// An IPv4 or IPv6 address; an IPv4-mapped IPv6 address is the IPv4 address it means.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  ///< IPv4 is kept as ::ffff:a.b.c.d
    bool v4 = false;

    std::string to_string() const;
    /// What one client is told apart by: the IPv4 address, or the /64 network, all of whose addresses one client usually has.
    std::array<std::uint8_t, 16> network() const;
    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};
/// Without brackets, port or zone.
std::optional<IpAddress> parse_ip(std::string_view text);

/// A range of addresses: "10.0.0.0/8", "fd00::/8", or one address.
class IpPrefix {
public:
    /// nullopt when it is not an address or the length is too large.
    static std::optional<IpPrefix> parse(std::string_view text);
    bool contains(const IpAddress& address) const;

private:
    IpAddress base_;
    int bits_ = 0;  ///< of the 128 of the mapped form
};

bool contains(std::span<const IpPrefix> prefixes, const IpAddress& address);

}  // namespace godwit::http
