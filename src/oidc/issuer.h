// Under which name, at which paths and with which keys the provider answers. All are data: an instance may serve the issuer and the URL
// layout of a system it replaces beside its own (issuer_table.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace godwit::oidc {

enum class Endpoint {
    discovery,
    keys,
    authorize,
    authorize_response,
    token,
    userinfo,
    end_session,
    introspection,
    revocation,
    server_metadata,
    pushed,
    device_authorization,
    device_page,
};
inline constexpr std::size_t kEndpoints = 13;

/// Paths in the order of Endpoint, each beginning with "/"; "" for an endpoint that is not served.
struct Layout {
    std::array<std::string_view, kEndpoints> paths;
    std::string_view path(Endpoint endpoint) const { return paths[static_cast<std::size_t>(endpoint)]; }
    std::optional<Endpoint> find(std::string_view path) const;
};

/// The layout that the contract's clients know.
inline constexpr Layout kStandardLayout{{
    "/.well-known/openid-configuration",
    "/oauth/v2/keys",
    "/oauth/v2/authorize",
    "/oauth/v2/authorize/response",
    "/oauth/v2/token",
    "/oidc/v1/userinfo",
    "/oidc/v1/end_session",
    "/oauth/v2/introspect",
    "/oauth/v2/revoke",
    "/.well-known/oauth-authorization-server",
    "/oauth/v2/par",
    "/oauth/v2/device_authorization",
    "/device",
}};

/// Where the sign-in pages are; known by URL only.
struct LoginPages {
    std::string_view sign_out = "/ui/v2/login/logout";  ///< what comes after it is below
    std::string_view signed_out = "/logout/done";       ///< relative to the pages' own base
    std::string_view device = "/ui/login/device";       ///< ?user_code=…; what a person decides of a device is below it
};

struct Issuer {
    InstanceScope scope;
    std::string name;  ///< the `iss` of everything it issues
    Layout layout = kStandardLayout;
    LoginPages pages;
    std::string origin = {};                 ///< of its endpoints; "": the name is one
    std::int64_t key = 0;                    ///< whose signing keys are its own, see key::IssuerKey
    std::shared_ptr<const void> texts = {};  ///< what a layout of its own points into

    bool has(Endpoint endpoint) const { return !layout.path(endpoint).empty(); }
    std::string url(Endpoint endpoint) const { return (origin.empty() ? name : origin) + std::string(layout.path(endpoint)); }
};

}  // namespace godwit::oidc
