// RFC 6749 section 6, RFC 9700 section 4.14: rotation, and a token used again ends its family.
#include "crypto/sealer.h"
#include "directory/key/sealers.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/grant.h"
#include "oidc/lifetimes.h"
#include "oidc/oauth_error.h"
#include "oidc/person.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "oidc/token_issuer.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

auto refuse() { return oauth_fail(kInvalidGrant, "Errors.OIDCSession.RefreshTokenInvalid"); }

}  // namespace

Result<JsonObject> refresh_token_grant(const GrantContext& context) {
    const auto instance = context.issuer.scope;
    const auto& services = context.services;
    const auto text = context.parameters.get("refresh_token");
    if (text.empty()) return oauth_fail(kInvalidRequest, "refresh_token missing");
    const auto credentials = TRY(read_credentials(context.services.rules, context.request, context.parameters));
    const auto client = TRY(authenticate_client({services, context.clients, context.issuer, credentials}));
    if (!client.allows(GrantType::refresh_token))
        return oauth_fail(kUnauthorizedClient, "refresh_token is missing in the client configuration");

    const auto token = RefreshToken::parse(text);
    if (!token) return refuse();
    const auto before =
        TRY(services.store.read(store::Database::runtime, [&](store::Reader& db) { return find_family(db, instance, token->family); }));
    if (!before || before->revoked) return refuse();
    // RFC 9449 section 5: a public client's refresh token is worth nothing without its key.
    if (!before->jkt.empty() && before->jkt != context.jkt) return refuse();
    const auto user = TRY(find_person(services, instance, before->user, session_that_ends(services, *before), before->created));
    if (!user) return refuse();
    const auto asked = parse_scopes(context.parameters.get("scope"));
    if (!is_subset(asked, before->scopes)) return oauth_fail(kInvalidScope, "the scope is wider than what was granted");

    const auto sealer = TRY(services.sealers.of(instance));
    const auto lifetimes = TRY(lifetimes_of(services, instance));
    const auto rotation = TRY(services.store.write(
        store::Database::runtime, [&](store::Writer& db) { return rotate_family(db, instance, *sealer, lifetimes, *token, client.app); }));
    if (rotation.outcome != Rotation::Outcome::renewed) return refuse();
    const auto& family = rotation.family;

    Issuance issuance;
    issuance.take(client);
    issuance.family = family.id;
    issuance.generation = family.generation;
    issuance.user = *user;
    issuance.session = family.session;
    issuance.scopes = issuance.asked_scopes = asked.empty() ? family.scopes : asked;
    issuance.audience = family.audience;
    issuance.amr = family.amr;
    issuance.auth_time = family.auth_time;
    if (!family.claims.empty()) issuance.claims = TRY(ClaimsRequest::parse(family.claims));
    issuance.jkt = context.jkt;
    issuance.refresh_token = rotation.token;
    return context.token_issuer.issue(context.issuer, issuance);
}

}  // namespace godwit::oidc
