// What an authorization request must pass, step by step, in order. The list in authorize_checks.cc is the flow; each step is one rule
// of a specification and fills in what it has checked.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/authorize_request.h"
#include "oidc/client.h"
#include "oidc/parameters.h"

namespace godwit::oidc {

struct AuthorizeContext {
    Parameters parameters;
    /// Finds an active client; nullopt when there is none.
    std::function<Result<std::optional<Client>>(std::string_view client_id)> find_client;
    /// The subject of an id_token_hint that this issuer signed (expired ones count, OpenID Connect Core 3.1.2.1).
    std::function<Result<std::string>(std::string_view id_token)> subject_of_hint;
    /// The parameters with what the client's signed request object says.
    std::function<Result<Parameters>(const Client& client, const Parameters& sent)> open_object;

    /// Whether people may use the identity provider that the scopes name.
    std::function<Result<void>(std::span<const std::string> scopes)> check_idp;

    // What the configuration takes.
    bool plain_pkce = false, request_objects = true;

    std::optional<Client> client;  ///< set by the step that finds it
    AuthorizeRequest request;
    /// True once client and redirect URI are known to belong together: only then may an error go there (RFC 6749 section 4.1.2.1).
    bool may_redirect = false;
    bool object_opened = false;  ///< the parameters are those of a request object
};

struct AuthorizeCheck {
    std::string_view name;
    /// How a failure is told: `page` answers 400 at once even when a redirect would be allowed (as recorded of the reference).
    enum class Tell { page, redirect } tell;
    Result<void> (*run)(AuthorizeContext& context);
};

std::span<const AuthorizeCheck> authorize_checks();

struct AuthorizeFailure {
    Error error;  ///< made by oauth_fail
    std::string_view check;
    bool redirect = false;
};
/// Runs all checks; the first failure ends it.
std::optional<AuthorizeFailure> run_authorize_checks(AuthorizeContext& context);

}  // namespace godwit::oidc
