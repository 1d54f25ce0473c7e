#include "oidc/client.h"

#include <algorithm>

#include "base/url.h"

namespace godwit::oidc {

bool Client::is_own_origin(std::string_view origin) const {
    const auto has = [&](const std::string& uri) {
        const auto parts = parse_url(uri);
        return parts && parts->origin() == origin;
    };
    if (dev_mode) return true;  // its redirect URIs are patterns
    return std::ranges::any_of(redirect_uris, has) || std::ranges::any_of(additional_origins, has);
}

bool Client::allows(GrantType grant) const { return std::ranges::find(grants, grant) != grants.end(); }

bool Client::allows(ResponseType response) const { return std::ranges::find(response_types, response) != response_types.end(); }

}  // namespace godwit::oidc
