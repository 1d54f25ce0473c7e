#include "oidc/access_tokens.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/jwt.h"
#include "crypto/random.h"
#include "crypto/sealer.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/key/signing_keys.h"
#include "directory/user/machines.h"
#include "directory/user/users.h"
#include "oidc/clients.h"
#include "oidc/issuer.h"
#include "oidc/json_reader.h"
#include "oidc/oauth_error.h"
#include "oidc/person.h"
#include "oidc/possession.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "store/store.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {
namespace {

const crypto::Place kPlace("access_token", "", "opaque");
constexpr char kOpaqueFormat = 1;
constexpr std::string_view kNotTaken = "AUTH-7fs1e";  // of the contract
constexpr std::size_t kMaxTokenBytes = 16 << 10;

int random_node() {
    const auto bytes = crypto::random_bytes(2);
    return (static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1])) % kMaxIdNodes;
}

}  // namespace

JsonObject act_claim(const Issuer& issuer, const std::vector<std::string>& actors) {
    JsonObject act;
    for (auto actor = actors.rbegin(); actor != actors.rend(); ++actor) {
        JsonObject outer;
        outer.set("iss", issuer.name);
        outer.set("sub", *actor);
        if (!act.empty()) outer.set("act", act);
        act = std::move(outer);
    }
    return act;
}

JsonObject confirmation_claim(std::string_view jkt) {
    JsonObject out;
    out.set("jkt", jkt);
    return out;
}

AccessTokens::AccessTokens(const Services& services, const Clients& clients)
    : services_(services), clients_(clients), ids_(services.clock, random_node()) {}

Result<std::string> AccessTokens::make(const Issuer& issuer, const TokenPayload& payload, const Jwt* jwt) const {
    if (!jwt) {
        const auto sealer = TRY(services_.sealers.of(issuer.scope));
        return base64_encode(std::string(1, kOpaqueFormat) + sealer->seal(kPlace, payload.pack()), Base64::url);
    }
    // RFC 9068 section 2.2; `typ` stays JWT, which is what the contract's clients have seen so far.
    JsonObject out;
    out.set("iss", issuer.name);
    out.set("sub", jwt->subject);
    out.set("aud", payload.audience);
    out.set("exp", payload.expires.seconds());
    const auto begins = (payload.issued - jwt->clock_skew).seconds();
    out.set("iat", begins);
    out.set("nbf", begins);
    out.set("client_id", payload.client_id);
    out.set("jti", payload.id.jti());
    out.set("scope", format_scopes(payload.scopes));
    if (payload.id.family == 0) {  // what a family's row would know
        out.set("auth_time", payload.auth_time.seconds());
        if (!payload.amr.empty()) out.set("amr", payload.amr);
    }
    if (!payload.jkt.empty()) out.set("cnf", confirmation_claim(payload.jkt));
    if (!payload.actors.empty()) out.set("act", act_claim(issuer, payload.actors));
    out.merge(jwt->claims);
    const auto key = TRY(services_.signing_keys.active(issuer.scope, issuer.key));
    return crypto::encode_jwt(key->key, key->algorithm, key->kid, "JWT", out.text());
}

Result<std::optional<TokenPayload>> AccessTokens::read_jwt(InstanceScope scope, std::string_view token) const {
    const auto keys = TRY(services_.signing_keys.published(scope));
    std::vector<crypto::Algorithm> allowed;
    for (const auto& key : *keys) allowed.push_back(key.algorithm);
    const auto jwt = crypto::verify_jwt(token, allowed, [&](const crypto::Jwt& unverified) -> std::optional<crypto::PublicKey> {
        for (const auto& key : *keys)
            if (key.kid == unverified.kid && key.algorithm == unverified.algorithm) return key.key;
        return std::nullopt;
    });
    if (!jwt) return std::nullopt;
    const auto claims = read_claims(jwt->payload);
    if (!claims || !claims->exp || !claims->iat) return std::nullopt;
    // An id_token of ours has no jti of this form: it is no access token.
    const auto id = TokenId::parse(claims->jti);
    if (!id) return std::nullopt;
    const auto user = TRY(services_.users.find(user::Ref::named(scope, claims->sub)));
    if (!user) return std::nullopt;

    TokenPayload out;
    out.id = *id;
    out.user = user->id;
    out.client_id = claims->client_id;
    out.scopes = parse_scopes(claims->scope);
    out.audience = claims->aud;
    out.amr = claims->amr;
    out.jkt = claims->jkt;
    out.actors = claims->actors;
    out.issued = {*claims->iat * 1'000'000};
    out.expires = {*claims->exp * 1'000'000};
    out.auth_time = {claims->auth_time.value_or(*claims->iat) * 1'000'000};
    return out;
}

Result<std::optional<TokenPayload>> AccessTokens::read(InstanceScope scope, std::string_view token) const {
    if (token.size() > kMaxTokenBytes) return std::nullopt;
    if (token.find('.') != token.npos) return read_jwt(scope, token);
    const auto bytes = base64_decode(token, Base64::url);
    if (!bytes || bytes->empty() || bytes->front() != kOpaqueFormat) return std::nullopt;
    const auto sealer = TRY(services_.sealers.of(scope));
    const auto opened = sealer->open(kPlace, std::string_view(*bytes).substr(1));
    if (!opened) return std::nullopt;
    auto payload = TokenPayload::unpack(opened->reveal());
    return payload ? std::optional(*std::move(payload)) : std::nullopt;
}

Result<bool> AccessTokens::is_alive(InstanceScope scope, TokenPayload& payload) const {
    const auto jti = payload.id.jti();
    bool revoked = false;
    const auto family = TRY(services_.store.read(store::Database::runtime, [&](store::Reader& db) -> Result<std::optional<Family>> {
        TRY(db.query(scope, "SELECT 1 FROM revoked_tokens WHERE instance_no = ?1 AND jti = ?2", {jti},
                     [&](const store::Row&) { revoked = true; }));
        if (payload.id.family == 0 || revoked) return std::nullopt;
        return find_family(db, scope, payload.id.family);
    }));
    if (revoked) return false;
    if (payload.id.family == 0) return true;
    if (!family || family->revoked || family->user != payload.user || family->generation != payload.id.generation) return false;
    payload.session = session_that_ends(services_, *family);
    payload.app = family->app;
    payload.auth_time = family->auth_time;
    payload.amr = family->amr;
    payload.claims = family->claims;
    if (payload.scopes.empty()) payload.scopes = family->scopes;
    if (payload.audience.empty()) payload.audience = family->audience;
    return true;
}

Result<std::optional<LiveToken>> AccessTokens::open(InstanceScope scope, std::string_view token) const {
    auto payload = TRY(read(scope, token));
    if (!payload) {
        const auto owner = TRY(services_.machines.find_pat(scope, token));
        if (!owner) return std::nullopt;
        auto user = TRY(services_.users.find(user::Ref::of(scope, owner->user)));
        if (!user) return std::nullopt;
        LiveToken live{.payload = {}, .jti = owner->token_id, .user = *std::move(user), .client = {}, .personal = true};
        live.payload.user = owner->user;
        live.payload.scopes = owner->scopes;
        return live;
    }
    if (services_.clock.now() >= payload->expires) return std::nullopt;
    if (!TRY(is_alive(scope, *payload))) return std::nullopt;
    auto user = TRY(find_person(services_, scope, payload->user, payload->session, time_of_id(payload->id.token)));
    if (!user) return std::nullopt;
    auto client = payload->app ? TRY(clients_.find(scope, payload->app)) : std::nullopt;
    if (payload->app && !client) return std::nullopt;
    auto jti = payload->id.jti();
    return LiveToken{
        .payload = *std::move(payload), .jti = std::move(jti), .user = *std::move(user), .client = std::move(client), .personal = false};
}

Result<LiveToken> AccessTokens::open_own(InstanceScope scope, std::string_view token) const {
    auto live = TRY(open(scope, token));
    if (!live) return fail(Code::unauthenticated, kNotTaken, "Errors.Token.Invalid");
    if (live->personal) return *std::move(live);
    const auto own = TRY(clients_.own_project(scope));
    if (own.empty() || std::ranges::find(live->payload.audience, own) == live->payload.audience.end())
        return fail(Code::unauthenticated, kNotTaken, "Errors.Token.Invalid");
    return *std::move(live);
}

Result<LiveToken> AccessTokens::open_for_api(InstanceScope scope, const http::ShownToken& shown, const http::Request* request) const {
    std::string url;
    if (request && shown.scheme == http::TokenScheme::dpop) {
        const auto at = TRY(services_.instances.find_by_host(request->host));
        if (at) url = services_.instances.external().origin(at->host) + request->path;
    }
    auto live = open_own(scope, shown.token);
    auto proved = live ? check_possession(services_, scope, shown, live->payload.jkt, request, url) : Result<void>();
    if (live && proved) return live;
    Error error = live ? std::move(proved).error() : std::move(live).error();
    if (error.code != Code::unauthenticated) return fail(std::move(error));
    // The contract's clients know bearer tokens' refusals by one id, those of RFC 9449 by its names.
    if (shown.scheme != http::TokenScheme::dpop) error.id = kNotTaken;
    if (shown.scheme == http::TokenScheme::dpop && error.id == kNotTaken) error.id = kInvalidToken;
    return fail(std::move(error));
}

Result<void> AccessTokens::revoke(InstanceScope scope, const TokenPayload& payload) const {
    return services_.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<void> {
        if (payload.id.family != 0) return revoke_family(db, scope, payload.id.family, "revoked by the client");
        const auto jti = payload.id.jti();
        TRY(db.exec(scope, "INSERT INTO revoked_tokens (instance_no, jti, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    {jti, payload.expires}));
        return {};
    });
}

}  // namespace godwit::oidc
