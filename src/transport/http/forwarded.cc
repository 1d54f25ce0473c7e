#include "transport/http/forwarded.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace godwit::http {
namespace {

constexpr std::array<std::string_view, 6> kFields = {"forwarded",         "x-forwarded-for",  "x-forwarded-host",
                                                     "x-forwarded-proto", "x-forwarded-port", "x-real-ip"};

std::unexpected<Error> malformed(std::string_view message) { return fail(Code::invalid_argument, "HTTP-Forwarded", message); }

/// One element of `Forwarded`: what one proxy added.
struct Element {
    std::string client, host, proto;
};

/// A token, or a quoted string with its escapes taken out, at the front of `text`. nullopt: neither.
std::optional<std::string> take_value(std::string_view& text) {
    std::string value;
    if (!text.starts_with('"')) {
        const auto end = std::min(text.find_first_of(",; \t\""), text.size());
        value = text.substr(0, end);
        text.remove_prefix(end);
        return value.empty() ? std::nullopt : std::optional(std::move(value));
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return value;
        }
        if (text[i] == '\\' && ++i == text.size()) break;
        value += text[i];
    }
    return std::nullopt;
}

/// RFC 7239 section 4: elements divided by commas, pairs by semicolons. False when malformed.
bool parse_forwarded(std::string_view text, std::vector<Element>& elements) {
    elements.emplace_back();
    for (;;) {
        text = trim(text);
        if (text.empty()) return true;
        if (text.front() == ',') elements.emplace_back();
        if (text.front() == ',' || text.front() == ';') {
            text.remove_prefix(1);
            continue;
        }
        const auto equals = text.find('=');
        if (equals == text.npos || equals == 0) return false;
        const std::string name = to_ascii_lower(text.substr(0, equals));
        text.remove_prefix(equals + 1);
        auto value = take_value(text);
        if (!value) return false;
        std::string* const slot = name == "for"     ? &elements.back().client
                                  : name == "host"  ? &elements.back().host
                                  : name == "proto" ? &elements.back().proto
                                                    : nullptr;
        if (slot && !slot->empty()) return false;  // a name occurs once in an element
        if (slot) *slot = *std::move(value);
    }
}

/// A node of `for`: an address, perhaps with a port ("1.2.3.4:5", "[::1]:5"); nullopt for "unknown" and hidden names.
std::optional<IpAddress> node_address(std::string_view node) {
    if (node.starts_with('[')) {
        const auto end = node.find(']');
        return end == node.npos ? std::nullopt : parse_ip(node.substr(1, end - 1));
    }
    if (auto address = parse_ip(node)) return address;
    const auto parts = split_once(node, ':');
    return parts ? parse_ip(parts->first) : std::nullopt;
}

/// From the nearest hop outwards: the first address that is no trusted proxy, or the last that could be read.
std::optional<IpAddress> find_client(std::span<const std::string> nodes, std::span<const IpPrefix> trusted) {
    std::optional<IpAddress> client;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        const auto address = node_address(*node);
        if (!address) break;
        client = address;
        if (!contains(trusted, *address)) break;
    }
    return client;
}

void add_list(const Headers& headers, std::string_view name, std::vector<std::string>& values) {
    for (const auto& [field, value] : headers) {
        if (field != name) continue;
        for (const auto part : split(value, ',')) values.emplace_back(trim(part));
    }
}

struct Claims {
    std::vector<std::string> nodes, hosts, protos;
};

Result<Claims> collect(const Headers& headers) {
    Claims claims;
    std::vector<Element> elements;
    for (const auto& [name, value] : headers) {
        if (name == "forwarded" && !parse_forwarded(value, elements)) return malformed("the Forwarded header is malformed");
    }
    bool has_nodes = false;
    for (auto& element : elements) {
        if (!element.host.empty()) claims.hosts.push_back(std::move(element.host));
        if (!element.proto.empty()) claims.protos.push_back(std::move(element.proto));
        has_nodes = has_nodes || !element.client.empty();
        claims.nodes.push_back(std::move(element.client));
    }
    if (!has_nodes) {
        claims.nodes.clear();
        add_list(headers, "x-forwarded-for", claims.nodes);
    }
    add_list(headers, "x-forwarded-host", claims.hosts);
    add_list(headers, "x-forwarded-proto", claims.protos);
    return claims;
}

}  // namespace

Result<Forwarded> read_forwarded(const Headers& headers, std::span<const IpPrefix> trusted) {
    if (std::ranges::none_of(headers, [](const auto& f) { return f.first == "forwarded" || f.first.starts_with("x-forwarded-"); })) {
        return Forwarded{};
    }
    const Claims claims = TRY(collect(headers));
    Forwarded forwarded;
    forwarded.client = find_client(claims.nodes, trusted);
    for (const std::string& text : claims.hosts) {
        auto host = parse_authority(text);
        if (!host) return malformed("the forwarded host is malformed");
        if (forwarded.host && *forwarded.host != *host) return malformed("more than one host was forwarded");
        forwarded.host = std::move(host);
    }
    for (const std::string& proto : claims.protos) {
        const bool secure = equals_ignoring_case(proto, "https");
        if (!secure && !equals_ignoring_case(proto, "http")) return malformed("the forwarded protocol is neither http nor https");
        if (forwarded.secure && *forwarded.secure != secure) return malformed("more than one protocol was forwarded");
        forwarded.secure = secure;
    }
    return forwarded;
}

void remove_forwarded(Headers& headers) {
    const auto suspect = [](const auto& field) { return field.first == "forwarded" || field.first.starts_with("x-"); };
    if (std::ranges::none_of(headers, suspect)) return;
    for (const auto name : kFields) headers.remove(name);
}

}  // namespace godwit::http
