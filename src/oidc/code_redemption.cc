#include "oidc/code_redemption.h"

#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "directory/user/users.h"
#include "oidc/clients.h"
#include "oidc/issuer.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"
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
    bool reused = false;
    auto begun = context.services.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<Begun> {
        Begun out{wanted, {}};
        out.refresh_token = TRY(begin_family(db, scope, *sealer, context.services.lifetimes, out.family));
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

    Family wanted;
    wanted.user = user->id;
    wanted.session = code.session;
    wanted.app = client.app;
    wanted.project = client.project;
    wanted.scopes = code.asked.scopes;
    wanted.audience = TRY(context.clients.audience(scope, client, wanted.scopes));
    wanted.amr = session->factors.amr();
    wanted.auth_time = session->factors.auth_time().value_or(session->stamp.created);
    wanted.refreshable = has_scope(wanted.scopes, scope::kOfflineAccess) && client.allows(GrantType::refresh_token);
    const auto begun = TRY(take(context, code, wanted));

    Issuance issuance;
    issuance.take(client);
    issuance.family = begun.family.id;
    issuance.generation = begun.family.generation;
    issuance.user = *user;
    issuance.session = code.session;
    issuance.scopes = issuance.asked_scopes = wanted.scopes;
    issuance.audience = wanted.audience;
    issuance.amr = wanted.amr;
    issuance.auth_time = wanted.auth_time;
    issuance.nonce = code.asked.nonce;
    issuance.refresh_token = begun.refresh_token;
    return context.token_issuer.issue(context.issuer, issuance);
}

}  // namespace godwit::oidc
