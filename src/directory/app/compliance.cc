// What differs from OpenID Connect Core 1.0 and the best current practice for the kind of application (RFC 8252 for native ones), told
// in the reference's message keys. It hinders nothing: the console shows it.
#include <algorithm>
#include <array>

#include "base/url.h"
#include "directory/app/types.h"

namespace godwit::application {
namespace {

constexpr std::string_view kNotCompliant = "Application.OIDC.V1.NotCompliant";
constexpr std::string_view kNoRedirectUris = "Application.OIDC.V1.NoRedirectUris";
constexpr std::string_view kNotAllCombinations = "Application.OIDC.V1.NotAllCombinationsAreAllowed";
constexpr std::string_view kRefreshNoAuthCode = "Application.OIDC.V1.GrantType.Refresh.NoAuthCode";
constexpr std::string_view kCodeHttpOnlyForWeb = "Application.OIDC.V1.Code.RedirectUris.HttpOnlyForWeb";
constexpr std::string_view kCodeCustomOnlyForNative = "Application.OIDC.V1.Code.RedirectUris.CustomOnlyForNative";
constexpr std::string_view kImplicitCustomNotAllowed = "Application.OIDC.V1.Implicit.RedirectUris.CustomNotAllowed";
constexpr std::string_view kImplicitHttpNotAllowed = "Application.OIDC.V1.Implicit.RedirectUris.HttpNotAllowed";
constexpr std::string_view kImplicitHttpLocalhost = "Application.OIDC.V1.Implicit.RedirectUris.NativeShouldBeHttpLocalhost";
constexpr std::string_view kNativeHttpLocalhost = "Application.OIDC.V1.Native.RedirectUris.MustBeHttpLocalhost";
constexpr std::string_view kNativeNotNone = "Application.OIDC.V1.Native.AuthMethodType.NotNone";
constexpr std::string_view kUserAgentNotNone = "Application.OIDC.V1.UserAgent.AuthMethodType.NotNone";

struct Text {
    std::string_view key, english;
};
constexpr std::array kTexts = {
    Text{kNotCompliant, "Your configuration is not compliant and differs from OIDC 1.0 standard."},
    Text{kNoRedirectUris, "At least one redirect uri must be registered."},
    Text{kNotAllCombinations, "Configuration is compliant, but not all possible combinations are allowed."},
    Text{kRefreshNoAuthCode, "Refresh Token only allowed in combination with Authorization Code."},
    Text{kCodeHttpOnlyForWeb, "Grant type code only allows http redirect uris for apptype web."},
    Text{kCodeCustomOnlyForNative, "Grant type code only allows custom redirect uris for apptype native."},
    Text{kImplicitCustomNotAllowed, "Grant type implicit doesn't allow custom redirect uris."},
    Text{kImplicitHttpNotAllowed, "Grant type implicit doesn't allow http redirect uris."},
    Text{kImplicitHttpLocalhost, "Grant type implicit only allowed http://localhost for native apps."},
    Text{kNativeHttpLocalhost, "Native clients must only register custom redirect uris and http://localhost."},
    Text{kNativeNotNone, "Native client should have authmethodtype none."},
    Text{kUserAgentNotNone, "User agent app should have authmethodtype none."},
};

/// The kinds of redirect URIs an application has.
struct Uris {
    bool all_https = true;
    bool any_http = false;
    bool any_custom = false;
    bool http_is_local = true;  ///< every http one goes back to the machine itself
};

Uris look_at(const std::vector<std::string>& redirect_uris) {
    Uris uris;
    for (const auto& uri : redirect_uris) {
        if (uri.starts_with("https://")) continue;
        uris.all_https = false;
        if (!uri.starts_with("http://")) {
            uris.any_custom = true;
            continue;
        }
        uris.any_http = true;
        const auto parts = parse_url(uri);
        if (!parts || (parts->host != "localhost" && parts->host != "127.0.0.1" && parts->host != "[::1]")) uris.http_is_local = false;
    }
    return uris;
}

class Problems {
public:
    void add(std::string_view key) { keys_.emplace_back(key); }
    bool any() const { return !keys_.empty(); }
    void lead() { keys_.insert(keys_.begin(), std::string(kNotCompliant)); }
    std::vector<std::string> take() { return std::move(keys_); }

private:
    std::vector<std::string> keys_;
};

void check_code(Problems& problems, AppType type, const Uris& uris) {
    if (uris.any_http && type == AppType::user_agent) problems.add(kCodeHttpOnlyForWeb);
    if (uris.any_http && type == AppType::native && !uris.http_is_local) problems.add(kNativeHttpLocalhost);
    if (uris.any_custom && type != AppType::native) problems.add(kCodeCustomOnlyForNative);
}

void check_implicit(Problems& problems, AppType type, const Uris& uris) {
    if (uris.any_custom) problems.add(kImplicitCustomNotAllowed);
    if (!uris.any_http) return;
    if (type != AppType::native) {
        problems.add(kImplicitHttpNotAllowed);
    } else if (!uris.http_is_local) {
        problems.add(kImplicitHttpLocalhost);
    }
}

void check_implicit_and_code(Problems& problems, AppType type, const Uris& uris) {
    if (uris.any_custom && type != AppType::native) problems.add(kImplicitCustomNotAllowed);
    if (uris.any_http && type == AppType::user_agent) problems.add(kCodeHttpOnlyForWeb);
    if (uris.any_http && type == AppType::native && !uris.http_is_local) problems.add(kNativeHttpLocalhost);
    if (!problems.any()) problems.add(kNotAllCombinations);
}

void check_redirect_uris(Problems& problems, const OidcConfig& config) {
    const bool code = config.allows(GrantType::authorization_code);
    const bool implicit = config.allows(GrantType::implicit);
    if (config.redirect_uris.empty() && (code || implicit)) problems.add(kNoRedirectUris);
    const Uris uris = look_at(config.redirect_uris);
    if (uris.all_https) return;
    if (code && implicit) {
        check_implicit_and_code(problems, config.app_type, uris);
    } else if (implicit) {
        check_implicit(problems, config.app_type, uris);
    } else if (code) {
        check_code(problems, config.app_type, uris);
    }
}

}  // namespace

std::vector<std::string> compliance_problems(const OidcConfig& config) {
    Problems problems;
    if (config.allows(GrantType::refresh_token) && !config.allows(GrantType::authorization_code)) problems.add(kRefreshNoAuthCode);
    check_redirect_uris(problems, config);
    if (config.app_type != AppType::web) {
        if (config.auth_method != OidcAuthMethod::none)
            problems.add(config.app_type == AppType::native ? kNativeNotNone : kUserAgentNotNone);
        // The reference says it once more for these two kinds, and its clients see the list.
        if (problems.any()) problems.lead();
    }
    if (problems.any()) problems.lead();
    return problems.take();
}

std::string_view compliance_text(std::string_view key) {
    const auto* text = std::ranges::find(kTexts, key, &Text::key);
    return text == kTexts.end() ? key : text->english;
}

}  // namespace godwit::application
