#include "directory/app/types.h"

#include <algorithm>

#include "base/url.h"

namespace godwit::application {
namespace {

/// "https://host:port" of an http(s) URL.
std::optional<std::string> origin_of(std::string_view url) {
    const auto parts = parse_url(url);
    if (!parts || (parts->scheme != "http" && parts->scheme != "https")) return std::nullopt;
    return parts->origin();
}

bool is_origin(std::string_view text) {
    const auto parts = parse_url(text);
    return parts && parts->userinfo.empty() && (parts->path.empty() || parts->path == "/") && !parts->has_query && !parts->has_fragment;
}

/// OpenID Connect Back-Channel Logout 1.0 section 2.2, Front-Channel Logout 1.0 section 2.
bool is_logout_address(const std::string& uri) {
    const auto parts = parse_url(uri);
    return parts && (parts->scheme == "https" || parts->scheme == "http") && parts->userinfo.empty() && !parts->has_fragment;
}

}  // namespace

bool OidcConfig::allows(GrantType grant) const {
    if (grant_types.empty()) return grant == GrantType::authorization_code;
    return std::ranges::find(grant_types, grant) != grant_types.end();
}

bool OidcConfig::allows(ResponseType type) const {
    if (response_types.empty()) return type == ResponseType::code;
    return std::ranges::find(response_types, type) != response_types.end();
}

std::vector<std::string> allowed_origins(const OidcConfig& config) {
    std::vector<std::string> origins;
    const auto add = [&](std::string origin) {
        if (std::ranges::find(origins, origin) == origins.end()) origins.push_back(std::move(origin));
    };
    for (const auto& uri : config.redirect_uris) {
        if (auto origin = origin_of(uri)) add(*std::move(origin));
    }
    for (const auto& origin : config.additional_origins) add(origin);
    return origins;
}

Result<void> check(const OidcConfig& config) {
    const bool grants_fit =
        (!config.allows(ResponseType::code) || config.allows(GrantType::authorization_code)) &&
        ((!config.allows(ResponseType::id_token) && !config.allows(ResponseType::id_token_token)) || config.allows(GrantType::implicit));
    const bool skew_fits = config.clock_skew >= std::chrono::seconds(0) && config.clock_skew <= std::chrono::seconds(5);
    if (!grants_fit || !skew_fits || !std::ranges::all_of(config.additional_origins, is_origin))
        return fail(Code::invalid_argument, "PROJECT-1n8df", "Application invalid");
    for (const auto* uri : {&config.back_channel_logout_uri, &config.front_channel_logout_uri})
        if (!uri->empty() && !is_logout_address(*uri))
            return fail(Code::invalid_argument, "PROJECT-Lou01",
                        "\"" + *uri + "\" is no address for the news of a sign-out: it must be an http or https URL without fragment");
    return {};
}

}  // namespace godwit::application
