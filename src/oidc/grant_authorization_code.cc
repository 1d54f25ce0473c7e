// RFC 6749 section 4.1.3, RFC 7636 section 4.6, OpenID Connect Core section 3.1.3.
#include "oidc/auth_requests.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/code_redemption.h"
#include "oidc/grant.h"
#include "oidc/oauth_error.h"
#include "oidc/pkce.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

auto refuse(std::string_view why) { return oauth_fail(kInvalidGrant, why); }

/// What is the same for whoever holds the code: a used one is not looked at any further.
Result<void> check_code(const GrantContext& context, const Client& client, const IssuedCode& code) {
    // Another client's code is left alone: it must not be able to use it up.
    if (code.app != client.app) return refuse("code does not belong to this client");
    if (code.used) return {};
    if (code.expires <= context.services.clock.now()) return refuse("code has expired");
    if (context.parameters.get("redirect_uri") != code.asked.redirect_uri) return refuse("redirect_uri does not correspond");
    const auto verifier = context.parameters.get("code_verifier");
    if (code.asked.code_challenge.empty()) {
        // RFC 9700 section 2.1.1: a verifier without a challenge is the mark of a downgrade.
        if (!verifier.empty()) return refuse("code_verifier without code_challenge");
        if (client.is_public()) return refuse("code_challenge required");
    } else if (!pkce::matches(verifier, code.asked.code_challenge, code.asked.plain_pkce)) {
        return refuse("invalid code_verifier");
    }
    return {};
}

}  // namespace

Result<JsonObject> authorization_code_grant(const GrantContext& context) {
    const auto text = context.parameters.get("code");
    if (text.empty()) return oauth_fail(kInvalidRequest, "code missing");
    const auto credentials = TRY(read_credentials(context.services.rules, context.request, context.parameters));
    const auto client = TRY(authenticate_client({context.services, context.clients, context.issuer, credentials}));
    if (!client.allows(GrantType::authorization_code))
        return oauth_fail(kUnauthorizedClient, "authorization_code is missing in the client configuration");

    const auto code = TRY(context.services.store.read(
        store::Database::runtime, [&](store::Reader& db) { return context.auth_requests.find_code(db, context.issuer.scope, text); }));
    if (!code) return refuse("invalid code");
    TRY(check_code(context, client, *code));
    return redeem(context, client, *code);
}

}  // namespace godwit::oidc
