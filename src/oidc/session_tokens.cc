#include "oidc/session_tokens.h"

#include "oidc/clients.h"

namespace godwit::oidc {

Result<Family> family_for(const Clients& clients, InstanceScope scope, const SignedIn& who) {
    Family out;
    out.user = who.user.id;
    out.session = who.session.id;
    out.app = who.client.app;
    out.project = who.client.project;
    out.scopes = who.asked.scopes;
    out.audience = TRY(clients.audience(scope, who.client, out.scopes));
    out.amr = who.session.factors.amr();
    out.auth_time = who.session.factors.auth_time().value_or(who.session.stamp.created);
    out.claims = who.asked.claims.text();
    out.refreshable = has_scope(out.scopes, scope::kOfflineAccess) && who.client.allows(GrantType::refresh_token);
    return out;
}

Issuance issuance_for(const SignedIn& who, const Family& family) {
    Issuance out;
    out.take(who.client);
    out.family = family.id;
    out.generation = family.generation;
    out.user = who.user;
    out.session = family.session;
    out.scopes = out.asked_scopes = family.scopes;
    out.audience = family.audience;
    out.amr = family.amr;
    out.auth_time = family.auth_time;
    out.claims = who.asked.claims;
    return out;
}

}  // namespace godwit::oidc
