// RFC 6749 section 4.1.3, RFC 7636 section 4.6, OpenID Connect Core section 3.1.3.
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/user/users.h"
#include "oidc/auth_requests.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/grant.h"
#include "oidc/oauth_error.h"
#include "oidc/pkce.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "oidc/token_issuer.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

auto refuse(std::string_view why) { return oauth_fail(kInvalidGrant, why); }

/// RFC 6749 section 4.1.2: a code used twice "SHOULD revoke (when possible) all tokens previously issued based on that code".
Result<void> revoke_first_use(const GrantContext& context, std::string_view code) {
    return context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        const auto found = TRY(context.auth_requests.find_code(db, context.issuer.scope, code));
        if (!found || found->family == 0) return {};
        return revoke_family(db, context.issuer.scope, found->family, "authorization code reused");
    });
}

Result<void> check_code(const GrantContext& context, const Client& client, const IssuedCode& code) {
    // Another client's code is left alone: it must not be able to use it up.
    if (code.app != client.app) return refuse("code does not belong to this client");
    if (code.used) {
        TRY(revoke_first_use(context, context.parameters.get("code")));
        return refuse("code has been used already");
    }
    if (code.expires <= context.services.clock.now()) return refuse("code has expired");
    if (context.parameters.get("redirect_uri") != code.asked.redirect_uri) return refuse("redirect_uri does not correspond");
    const auto verifier = context.parameters.get("code_verifier");
    if (code.asked.code_challenge.empty()) {
        // RFC 9700 section 2.1.1: a verifier without a challenge is the mark of a downgrade.
        if (!verifier.empty()) return refuse("code_verifier without code_challenge");
        if (client.is_public()) return refuse("code_challenge required");
    } else if (!pkce::matches(verifier, code.asked.code_challenge)) {
        return refuse("invalid code_verifier");
    }
    return {};
}

struct Begun {
    Family family;
    std::string refresh_token;
    bool reused = false;
};

Result<Begun> take(const GrantContext& context, const IssuedCode& code, const Family& wanted) {
    const auto scope = context.issuer.scope;
    const auto sealer = TRY(context.services.sealers.of(scope));
    bool reused = false;
    auto begun = context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<Begun> {
        Begun out{wanted, {}, false};
        out.refresh_token = TRY(begin_family(db, scope, *sealer, context.services.lifetimes, out.family));
        reused = !TRY(context.auth_requests.take_code(db, scope, code, out.family.id));
        // An error undoes the family that was just begun.
        if (reused) return refuse("code has been used already");
        return out;
    });
    if (!begun && reused) TRY(revoke_first_use(context, context.parameters.get("code")));
    return begun;
}

}  // namespace

Result<JsonObject> authorization_code_grant(const GrantContext& context) {
    const auto scope = context.issuer.scope;
    const auto text = context.parameters.get("code");
    if (text.empty()) return oauth_fail(kInvalidRequest, "code missing");
    const auto credentials = TRY(read_credentials(context.request, context.parameters));
    const auto client = TRY(authenticate_client({context.services, context.clients, context.issuer, credentials}));
    if (!client.allows(GrantType::authorization_code))
        return oauth_fail(kUnauthorizedClient, "authorization_code is missing in the client configuration");

    const auto code = TRY(context.services.store.read(store::Database::runtime,
                                                      [&](store::Reader& db) { return context.auth_requests.find_code(db, scope, text); }));
    if (!code) return refuse("invalid code");
    TRY(check_code(context, client, *code));

    const auto session = TRY(context.services.sessions.find_live(scope, code->session));
    if (!session || session->user != code->user) return refuse("the session has ended");
    const auto user = TRY(context.services.users.find(user::Ref::of(scope, code->user)));
    if (!user || user->state != user::State::active) return refuse("the user is not active");

    Family wanted;
    wanted.user = user->id;
    wanted.session = code->session;
    wanted.app = client.app;
    wanted.project = client.project;
    wanted.scopes = code->asked.scopes;
    wanted.audience = TRY(context.clients.audience(scope, client, wanted.scopes));
    wanted.amr = session->factors.amr();
    wanted.auth_time = session->factors.auth_time().value_or(session->stamp.created);
    wanted.refreshable = has_scope(wanted.scopes, scope::kOfflineAccess) && client.allows(GrantType::refresh_token);
    const auto begun = TRY(take(context, *code, wanted));

    Issuance issuance;
    issuance.take(client);
    issuance.family = begun.family.id;
    issuance.generation = begun.family.generation;
    issuance.user = *user;
    issuance.session = code->session;
    issuance.scopes = issuance.asked_scopes = wanted.scopes;
    issuance.audience = wanted.audience;
    issuance.amr = wanted.amr;
    issuance.auth_time = wanted.auth_time;
    issuance.nonce = code->asked.nonce;
    issuance.refresh_token = begun.refresh_token;
    return context.token_issuer.issue(context.issuer, issuance);
}

}  // namespace godwit::oidc
