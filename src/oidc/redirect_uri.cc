#include "oidc/redirect_uri.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/url.h"

namespace godwit::oidc {
namespace {

constexpr std::array<std::string_view, 7> kForbiddenSchemes = {"javascript", "data", "vbscript", "file", "blob", "about", "filesystem"};

/// The scheme in lower case, "" when there is none (RFC 3986 section 3.1).
std::string scheme_of(std::string_view uri) {
    const auto colon = uri.find(':');
    if (colon == uri.npos || colon == 0 || !is_ascii_alpha(uri[0])) return {};
    const auto scheme = uri.substr(0, colon);
    const bool well_formed =
        std::ranges::all_of(scheme, [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '+' || c == '-' || c == '.'; });
    return well_formed ? to_ascii_lower(scheme) : std::string{};
}

bool is_well_formed(std::string_view uri, std::string_view scheme) {
    if (scheme.empty() || std::ranges::find(kForbiddenSchemes, scheme) != kForbiddenSchemes.end()) return false;
    // RFC 6749 section 3.1.2: no fragment. Browsers read a backslash as a slash.
    if (std::ranges::any_of(uri, [](char c) { return c == '#' || c == '\\' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
        return false;
    if (scheme != "http" && scheme != "https") return true;
    const auto parts = parse_url(uri);
    return parts && parts->userinfo.empty();
}

bool is_wild(char c) { return c != '/' && c != '?' && c != '#' && c != '@' && c != '\\' && static_cast<unsigned char>(c) > 0x20; }
bool is_wild_in_host(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.'; }

/// Where the host (and port) of a pattern lies, from and to; empty when it has none.
std::pair<std::size_t, std::size_t> host_of(std::string_view pattern) {
    constexpr std::string_view kBefore = "://";
    const auto colon = pattern.find(kBefore);
    if (colon == pattern.npos) return {0, 0};
    const auto begin = colon + kBefore.size();
    return {begin, std::min(pattern.find_first_of("/?#", begin), pattern.size())};
}

}  // namespace

bool matches_wildcard(std::string_view pattern, std::string_view uri) {
    // Where to go back to when a text after a "*" does not fit: the "*" then swallows one character more.
    std::size_t p = 0, u = 0, star = pattern.npos, retry = 0;
    const auto [host_begin, host_end] = host_of(pattern);
    const auto swallows = [&](char c) { return star >= host_begin && star < host_end ? is_wild_in_host(c) : is_wild(c); };
    while (u < uri.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = u;
        } else if (p < pattern.size() && pattern[p] == uri[u]) {
            ++p, ++u;
        } else if (star != pattern.npos && swallows(uri[retry])) {
            p = star + 1;
            u = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::string loopback_rest(std::string_view uri) {
    const auto parts = parse_url(uri);
    if (!parts || parts->scheme != "http" || !parts->userinfo.empty() || parts->has_fragment) return {};
    if (parts->host != "localhost" && parts->host != "127.0.0.1" && parts->host != "[::1]") return {};
    auto rest = parts->path.empty() ? std::string("/") : parts->path;
    if (parts->has_query) rest += "?" + parts->query;
    return rest;
}

RedirectVerdict check_redirect_uri(const RedirectPolicy& policy, std::span<const std::string> registered, std::string_view uri) {
    const auto scheme = scheme_of(uri);
    if (!is_well_formed(uri, scheme)) return RedirectVerdict::malformed;

    const auto rest = loopback_rest(uri);
    const bool known = std::ranges::any_of(registered, [&](const std::string& one) {
        if (one == uri) return true;
        if (policy.type == AppType::native && !rest.empty() && loopback_rest(one) == rest) return true;
        return policy.dev_mode && one.find('*') != one.npos && matches_wildcard(one, uri);
    });
    if (!known) return RedirectVerdict::not_registered;

    if (scheme == "https") return RedirectVerdict::allowed;
    if (scheme != "http") return policy.type == AppType::native ? RedirectVerdict::allowed : RedirectVerdict::custom_scheme;
    if (policy.dev_mode || policy.confidential) return RedirectVerdict::allowed;
    return policy.type == AppType::native && !rest.empty() ? RedirectVerdict::allowed : RedirectVerdict::http_not_allowed;
}

}  // namespace godwit::oidc
