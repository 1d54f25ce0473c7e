#include "base/url.h"

#include <algorithm>
#include <cstdint>

#include "base/encoding.h"
#include "base/text.h"

namespace godwit {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_unreserved(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out.push_back(' ');
        } else if (text[i] == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const auto byte = hex_decode(text.substr(i + 1, 2));
            if (!byte) return std::nullopt;
            out += *byte;
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_ascii_alpha(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '+' || c == '-' || c == '.'; });
}

/// Splits "userinfo@host:port"; false when the host or port cannot be one.
bool read_authority(std::string_view authority, UrlParts& parts) {
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        parts.userinfo = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    std::size_t host_end = authority.find(':');
    if (authority.starts_with('[')) {
        const std::size_t closing = authority.find(']');
        if (closing == std::string_view::npos) return false;
        host_end = closing + 1;
        if (host_end != authority.size() && authority[host_end] != ':') return false;
    }
    parts.host = to_ascii_lower(authority.substr(0, host_end));
    if (host_end < authority.size()) parts.port = authority.substr(host_end + 1);
    if (parts.host.empty() || parts.host == "[]") return false;
    return parts.port.empty() || (parse_number<std::uint16_t>(parts.port) && std::ranges::all_of(parts.port, is_ascii_digit));
}

}  // namespace

std::string percent_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    for (const char c : text) {
        if (is_unreserved(c)) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
            out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
        }
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::optional<QueryParameters> parse_query(std::string_view query) {
    QueryParameters parameters;
    for (const std::string_view part : split(query, '&')) {
        if (part.empty()) continue;
        const auto pair = split_once(part, '=').value_or(std::pair(part, std::string_view{}));
        auto name = decode(pair.first, true);
        auto value = decode(pair.second, true);
        if (!name || !value) return std::nullopt;
        parameters.emplace_back(*std::move(name), *std::move(value));
    }
    return parameters;
}

std::optional<std::string_view> find_parameter(const QueryParameters& parameters, std::string_view name) {
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    return std::nullopt;
}

std::string build_query(std::span<const std::pair<std::string, std::string>> parameters) {
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out.push_back('&');
        out += percent_encode(name) + "=" + percent_encode(value);
    }
    return out;
}

std::string add_query(std::string_view url, std::span<const std::pair<std::string, std::string>> parameters) {
    if (parameters.empty()) return std::string(url);
    const std::size_t fragment = std::min(url.find('#'), url.size());
    std::string out(url.substr(0, fragment));
    if (!out.contains('?')) {
        out.push_back('?');
    } else if (!out.ends_with('?') && !out.ends_with('&')) {
        out.push_back('&');
    }
    out += build_query(parameters);
    out += url.substr(fragment);
    return out;
}

std::string UrlParts::origin() const { return scheme + "://" + host + (port.empty() ? "" : ":" + port); }

std::optional<UrlParts> parse_url(std::string_view url) {
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\'; }))
        return std::nullopt;
    if (!percent_decode(url)) return std::nullopt;
    UrlParts parts;
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos || !is_scheme(url.substr(0, scheme_end))) return std::nullopt;
    parts.scheme = to_ascii_lower(url.substr(0, scheme_end));
    url.remove_prefix(scheme_end + 3);
    if (const std::size_t at = url.find('#'); at != std::string_view::npos) {
        parts.has_fragment = true;
        parts.fragment = url.substr(at + 1);
        url = url.substr(0, at);
    }
    if (const std::size_t at = url.find('?'); at != std::string_view::npos) {
        parts.has_query = true;
        parts.query = url.substr(at + 1);
        url = url.substr(0, at);
    }
    const std::size_t path = std::min(url.find('/'), url.size());
    parts.path = url.substr(path);
    if (!read_authority(url.substr(0, path), parts)) return std::nullopt;
    return parts;
}

}  // namespace godwit
