#include "oidc/token_issuer.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "directory/key/signing_keys.h"
#include "directory/session/clients.h"
#include "oidc/access_tokens.h"
#include "oidc/acr.h"
#include "oidc/claims.h"
#include "oidc/issuer.h"
#include "oidc/json_reader.h"
#include "oidc/lifetimes.h"
#include "oidc/services.h"

namespace godwit::oidc {

std::string half_hash(crypto::Algorithm algorithm, std::string_view text) {
    using enum crypto::Algorithm;
    auto hash = crypto::Hash::sha256;
    if (algorithm == RS384 || algorithm == PS384 || algorithm == ES384) hash = crypto::Hash::sha384;
    // Ed25519 signs over SHA-512, which is what relying parties take for EdDSA.
    if (algorithm == RS512 || algorithm == PS512 || algorithm == ES512 || algorithm == EdDSA) hash = crypto::Hash::sha512;
    const auto digest = crypto::digest(hash, text);
    return base64_encode(std::string_view(digest).substr(0, digest.size() / 2), Base64::url);
}

void Issuance::take(const Client& client) {
    client_id = client.client_id;
    app = client.app;
    jwt_access_token = client.jwt_access_token;
    id_token_userinfo = client.id_token_userinfo;
    roles = {.project = client.project, .asserted = client.project_asserts_roles};
    access_token_roles = client.access_token_roles;
    id_token_roles = client.id_token_roles;
    clock_skew = client.clock_skew;
    hears_of_logout = !client.back_channel_logout_uri.empty() || !client.front_channel_logout_uri.empty();
}

Result<std::string> TokenIssuer::access_token(const Issuer& issuer, const Issuance& wanted, Span span) const {
    TokenPayload payload;
    payload.id = {wanted.family, wanted.generation, access_tokens_.new_id()};
    payload.user = wanted.user.id;
    payload.session = wanted.session;
    payload.app = wanted.app;
    payload.client_id = wanted.client_id;
    payload.scopes = wanted.scopes;
    payload.audience = wanted.audience;
    payload.amr = wanted.amr;
    payload.auth_time = wanted.auth_time;
    payload.issued = span.from;
    payload.expires = span.from + span.lifetime;
    payload.jkt = wanted.jkt;
    payload.actors = wanted.actors;

    JsonObject claims;
    if (wanted.jwt_access_token) {
        auto roles = wanted.roles;
        roles.wanted = wanted.access_token_roles;
        claims = TRY(collect_claims({services_, issuer.scope, wanted.user, wanted.scopes, roles}, ClaimSet::reserved_only));
    }
    const AccessTokens::Jwt as_jwt{wanted.user.public_id, claims, wanted.clock_skew};
    return access_tokens_.make(issuer, payload, wanted.jwt_access_token ? &as_jwt : nullptr);
}

Result<JsonObject> TokenIssuer::issue(const Issuer& issuer, const Issuance& wanted) const {
    const auto now = services_.clock.now();
    const auto lifetimes = TRY(lifetimes_of(services_, issuer.scope));
    const auto made = TRY(access_token(issuer, wanted, {now, lifetimes.access_token}));
    JsonObject out;
    out.set("access_token", made);
    out.set("token_type", wanted.jkt.empty() ? "Bearer" : "DPoP");
    out.set_if("refresh_token", wanted.refresh_token);
    out.set("expires_in", std::int64_t{lifetimes.access_token.count()});
    if (has_scope(wanted.scopes, scope::kOpenid))
        out.set("id_token", TRY(id_token(issuer, wanted, {now, lifetimes.id_token}, {.access_token = made})));
    if (wanted.asked_scopes != wanted.scopes) out.set("scope", format_scopes(wanted.scopes));
    return out;
}

Result<std::string> TokenIssuer::id_token(const Issuer& issuer, const Issuance& wanted, Span span, const Bound& to) const {
    const auto key = TRY(services_.signing_keys.active(issuer.scope, issuer.key));
    auto audience = wanted.audience;
    // OpenID Connect Core section 2: "It MUST contain the OAuth 2.0 client_id of the Relying Party as an audience value."
    if (std::ranges::find(audience, wanted.client_id) == audience.end()) audience.push_back(wanted.client_id);
    JsonObject out;
    out.set("iss", issuer.name);
    out.set("sub", wanted.user.public_id);
    out.set("aud", audience);
    // A client whose clock is off gets a token that began earlier and ends later, by as much as it said.
    out.set("exp", (span.from + span.lifetime + wanted.clock_skew).seconds());
    out.set("iat", (span.from - wanted.clock_skew).seconds());
    out.set("auth_time", (wanted.auth_time - wanted.clock_skew).seconds());
    out.set_if("nonce", wanted.nonce);
    if (!wanted.amr.empty()) out.set("amr", wanted.amr);
    if (const auto* wish = wanted.claims.in_id_token("acr")) out.set_if("acr", acr_of(wanted.amr, *wish));
    out.set("azp", wanted.client_id);
    out.set("client_id", wanted.client_id);
    if (!wanted.actors.empty()) out.set("act", act_claim(issuer, wanted.actors));
    for (const auto& [name, text] : {std::pair("at_hash", to.access_token), {"c_hash", to.code}, {"s_hash", to.state}})
        if (!text.empty()) out.set(name, half_hash(key->algorithm, text));
    if (wanted.session) out.set("sid", std::to_string(wanted.session.key));
    if (wanted.session && wanted.hears_of_logout)
        TRY(session::note_client(services_.store, issuer.scope,
                                 {.session = wanted.session,
                                  .app = wanted.app,
                                  .issuer = issuer.name,
                                  .subject = wanted.user.public_id,
                                  .user = wanted.user.id}));
    auto roles = wanted.roles;
    roles.wanted = wanted.id_token_roles;
    out.merge(TRY(collect_claims({services_, issuer.scope, wanted.user, wanted.scopes, roles, wanted.claims.id_token},
                                 wanted.id_token_userinfo ? ClaimSet::all : ClaimSet::reserved_only)));
    return crypto::encode_jwt(key->key, key->algorithm, key->kid, "JWT", out.text());
}

Result<HintedSession> read_id_token_hint(const Services& services, const Issuer& issuer, std::string_view id_token) {
    const auto keys = TRY(services.signing_keys.published(issuer.scope));
    std::vector<crypto::Algorithm> allowed;
    for (const auto& key : *keys) allowed.push_back(key.algorithm);
    const auto refuse = [] { return fail(Code::invalid_argument, "OIDC-Hint1", "id_token_hint invalid"); };
    const auto jwt = crypto::verify_jwt(id_token, allowed, [&](const crypto::Jwt& unverified) -> std::optional<crypto::PublicKey> {
        for (const auto& key : *keys)
            if (key.kid == unverified.kid && key.algorithm == unverified.algorithm) return key.key;
        return std::nullopt;
    });
    if (!jwt) return refuse();
    const auto claims = read_claims(jwt->payload);
    // An access token of ours has a jti; it is no hint.
    if (!claims || claims->iss != issuer.name || claims->sub.empty() || claims->azp.empty() || !claims->jti.empty()) return refuse();
    HintedSession out{claims->sub, claims->azp, std::nullopt};
    if (const auto key = parse_number<std::int64_t>(claims->sid)) out.session = SessionId(*key);
    return out;
}

}  // namespace godwit::oidc
