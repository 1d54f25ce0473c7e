#include "transport/http/authority.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::http {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035: the longest name that DNS can carry, without the root's dot
constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_host_char(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_'; }

/// False when it is not a port. An empty text ("host:") is none, as RFC 3986 has it.
bool read_port(std::string_view text, std::string& port) {
    if (text.empty()) return true;
    const auto number = parse_number<std::uint32_t>(text);
    if (!number || *number == 0 || *number > 65'535 || text.size() > 5) return false;
    port = std::to_string(*number);
    return true;
}

std::optional<std::string> canonical_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.size() > kMaxHost || name.front() == '.' || name.ends_with('.')) return std::nullopt;
    if (!std::ranges::all_of(name, is_host_char) || name.find("..") != name.npos) return std::nullopt;
    return to_ascii_lower(name);
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    Authority authority;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == text.npos) return std::nullopt;
        in6_addr address{};
        const std::string inside(text.substr(1, end - 1));
        if (inet_pton(AF_INET6, inside.c_str(), &address) != 1 || inside.find('\0') != inside.npos) return std::nullopt;
        std::array<char, INET6_ADDRSTRLEN> shortest{};
        inet_ntop(AF_INET6, &address, shortest.data(), shortest.size());
        authority.host = "[" + std::string(shortest.data()) + "]";
        text.remove_prefix(end + 1);
        if (!text.empty() && text.front() != ':') return std::nullopt;
        if (!text.empty() && !read_port(text.substr(1), authority.port)) return std::nullopt;
        return authority;
    }
    const auto colon = text.find(':');
    if (colon != text.npos && !read_port(text.substr(colon + 1), authority.port)) return std::nullopt;
    auto name = canonical_name(text.substr(0, colon));
    if (!name) return std::nullopt;
    authority.host = *std::move(name);
    return authority;
}

std::array<std::uint8_t, 16> IpAddress::network() const {
    std::array<std::uint8_t, 16> out = bytes;
    if (!v4) std::fill(out.begin() + 8, out.end(), 0);
    return out;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != terminated.npos) return std::nullopt;
    IpAddress address;
    if (inet_pton(AF_INET, terminated.c_str(), &address.bytes[12]) == 1) {
        std::ranges::copy(kMappedPrefix, address.bytes.begin());
        address.v4 = true;
        return address;
    }
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
    address.v4 = std::ranges::equal(std::span(address.bytes).first(kMappedPrefix.size()), kMappedPrefix);
    return address;
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? &bytes[12] : bytes.data(), text.data(), text.size());
    return text.data();
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const auto parts = split_once(text, '/');
    const auto base = parse_ip(parts ? parts->first : text);
    if (!base) return std::nullopt;
    IpPrefix prefix;
    prefix.base_ = *base;
    prefix.bits_ = 128;
    if (parts) {
        const auto bits = parse_number<int>(parts->second);
        // "::ffff:10.0.0.0/104" counts in IPv6 bits, "10.0.0.0/8" in IPv4 bits.
        const bool dotted = base->v4 && parts->first.find(':') == std::string_view::npos;
        if (!bits || *bits < 0 || *bits > (dotted ? 32 : 128)) return std::nullopt;
        prefix.bits_ = dotted ? *bits + 96 : *bits;
    }
    return prefix;
}

bool IpPrefix::contains(const IpAddress& address) const {
    const std::size_t whole = static_cast<std::size_t>(bits_) / 8;
    if (!std::equal(base_.bytes.begin(), base_.bytes.begin() + static_cast<std::ptrdiff_t>(whole), address.bytes.begin())) return false;
    const int rest = bits_ % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff00 >> rest);
    return (base_.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

bool contains(std::span<const IpPrefix> prefixes, const IpAddress& address) {
    return std::ranges::any_of(prefixes, [&](const IpPrefix& prefix) { return prefix.contains(address); });
}

}  // namespace godwit::http
