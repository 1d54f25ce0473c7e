// Which redirect URIs an application may name: exactly what it registered (RFC 9700 section 2.1), but for a native application's
// loopback port (RFC 8252 section 7.3) and for what development mode allows.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace godwit::oidc {

enum class AppType { web, user_agent, native, api };

struct RedirectPolicy {
    AppType type = AppType::web;
    bool confidential = false;  ///< has a secret or a key of its own
    bool dev_mode = false;      ///< http anywhere, and "*" in registered URIs
};

enum class RedirectVerdict {
    allowed,
    malformed,  ///< not absolute, with a fragment or user information, control characters, a scheme that runs code
    not_registered,
    http_not_allowed,  ///< registered, but http is for confidential applications, loopback and development
    custom_scheme,     ///< registered, but only native applications may have a scheme of their own
};

RedirectVerdict check_redirect_uri(const RedirectPolicy& policy, std::span<const std::string> registered, std::string_view uri);

/// `pattern` with each "*" standing for a run of characters: in the host letters, digits, "-" and "." (ASCII), elsewhere all but
/// "/ ? # @ \" and white space. Development mode only.
bool matches_wildcard(std::string_view pattern, std::string_view uri);

/// The form in which two URIs are the same but for a loopback host's port: "http://127.0.0.1:5000/cb?a" → "/cb?a"; "" when `uri` is not
/// http on localhost, 127.0.0.1 or [::1].
std::string loopback_rest(std::string_view uri);

}  // namespace godwit::oidc
