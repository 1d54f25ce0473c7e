#include "oidc/code_redemption.h"

#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/user/users.h"
#include "oidc/issuer.h"
#include "oidc/lifetimes.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"
#include "oidc/session_tokens.h"
#include "oidc/token_families.h"
#include "oidc/token_issuer.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

auto refuse(std::string_view why) { return oauth_fail(kInvalidGrant, why); }

Result<void> revoke_first_use(const GrantContext& context, const IssuedCode& code) {
    const auto scope = context.issuer.scope;
    return context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        const auto family = TRY(context.auth_requests.family_of(db, scope, code));
        return family == 0 ? Result<void>() : revoke_family(db, scope, family, "authorization code reused");
    });
}

struct Begun {
    Family family;
    std::string refresh_token;
};

Result<Begun> take(const GrantContext& context, const IssuedCode& code, const Family& wanted) {
    const auto scope = context.issuer.scope;
    const auto sealer = TRY(context.services.sealers.of(scope));
    const auto lifetimes = TRY(lifetimes_of(context.services, scope));
    bool reused = false;
    auto begun = context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<Begun> {
        Begun out{wanted, {}};
        out.refresh_token = TRY(begin_family(db, scope, *sealer, lifetimes, out.family));
        reused = !TRY(context.auth_requests.take_code(db, scope, code, out.family.id));
        // An error undoes the family that was just begun.
        if (reused) return refuse("code has been used already");
        return out;
    });
    if (!begun && reused) TRY(revoke_first_use(context, code));
    return begun;
}

}  // namespace

Result<JsonObject> redeem(const GrantContext& context, const Client& client, const IssuedCode& code) {
    const auto scope = context.issuer.scope;
    if (code.used) {
        TRY(revoke_first_use(context, code));
        return refuse("code has been used already");
    }
    const auto session = TRY(context.services.sessions.find_live(scope, code.session));
    if (!session || session->user != code.user) return refuse("the session has ended");
    const auto user = TRY(context.services.users.find(user::Ref::of(scope, code.user)));
    if (!user || user->state != user::State::active) return refuse("the user is not active");

    // RFC 9449 section 10: the key was named when the request began.
    if (!code.asked.dpop_jkt.empty() && code.asked.dpop_jkt != context.jkt) return refuse("the code is bound to another DPoP key");

    const SignedIn who{client, *session, *user, code.asked};
    auto wanted = TRY(family_for(context.clients, scope, who));
    // Section 5: refresh tokens of clients that prove themselves are bound to the client already, which may change its key.
    if (client.is_public()) wanted.jkt = context.jkt;
    const auto begun = TRY(take(context, code, wanted));
    auto issuance = issuance_for(who, begun.family);
    issuance.jkt = context.jkt;
    issuance.nonce = code.asked.nonce;
    issuance.refresh_token = begun.refresh_token;
    return context.token_issuer.issue(context.issuer, issuance);
}

}  // namespace godwit::oidc
