#include "oidc/authorize_parameters.h"

#include <algorithm>
#include <array>

#include "crypto/jwt.h"
#include "directory/app/apps.h"
#include "oidc/asked_idp.h"
#include "oidc/clients.h"
#include "oidc/json_reader.h"
#include "oidc/oauth_error.h"
#include "oidc/pushed_requests.h"
#include "oidc/services.h"
#include "oidc/token_issuer.h"

namespace godwit::oidc {
namespace {

constexpr std::array kObjectAlgorithms = {crypto::Algorithm::RS256};
/// Claims of the object as a JWT, not parameters of the request.
constexpr std::array<std::string_view, 7> kEnvelope = {"iss", "aud", "exp", "iat", "nbf", "jti", "sub"};

auto refuse(std::string_view why) { return oauth_fail(kInvalidRequestObject, why); }

Result<crypto::Jwt> verified_object(const EndpointContext& context, const Client& client, std::string_view object) {
    const auto unverified = crypto::parse_unverified_jwt(object);
    if (!unverified) return refuse("the request object cannot be read");
    const auto owner = TRY(context.services.apps.find_key(context.issuer.scope, unverified->kid));
    if (!owner || owner->client_id != client.client_id || owner->expires <= context.services.clock.now())
        return refuse("the request object's key is not one of this client");
    const auto key = crypto::PublicKey::from_der(owner->spki);
    if (!key) return std::unexpected(key.error());
    auto jwt = crypto::verify_jwt(object, kObjectAlgorithms, [&](const crypto::Jwt&) { return std::optional(*key); });
    if (!jwt) return refuse("the request object's signature is wrong");
    return *std::move(jwt);
}

/// RFC 9101 section 4 and 10.2: who made it, for whom, and until when.
Result<void> check_envelope(const EndpointContext& context, const Client& client, std::string_view payload) {
    const auto claims = read_claims(payload);
    if (!claims) return refuse("the request object cannot be read");
    const auto now = context.services.clock.now().seconds();
    if (claims->iss != client.client_id) return refuse("the request object's iss is not the client");
    if (!claims->is_for(context.issuer.name)) return refuse("the request object is for another provider");
    if (claims->exp && *claims->exp <= now) return refuse("the request object has expired");
    if (claims->nbf && *claims->nbf > now) return refuse("the request object is not valid yet");
    if (!claims->client_id.empty() && claims->client_id != client.client_id) return refuse("the request object's client_id is another");
    return {};
}

}  // namespace

Result<Parameters> with_pushed_request(const EndpointContext& context, Parameters sent) {
    const auto uri = sent.get("request_uri");
    if (!uri.starts_with(kPushedPrefix)) return sent;
    if (!sent.repeated().empty()) return oauth_fail(kInvalidRequest, "a parameter is there more than once");
    const auto client = TRY(context.clients.find(context.issuer.scope, sent.get("client_id")));
    if (!client) return oauth_fail(kInvalidRequest, "Errors.App.NotFound");
    auto kept = TRY(take_pushed(context.services, context.issuer.scope, client->app, uri));
    // Section 4: what else is in the address does not count.
    if (!kept) return oauth_fail(kInvalidRequestUri, "this request_uri is over, or was used before; push the request again");
    return *std::move(kept);
}

Result<Parameters> with_request_object(const EndpointContext& context, const Client& client, const Parameters& sent) {
    const auto jwt = TRY(verified_object(context, client, sent.get("request")));
    TRY(check_envelope(context, client, jwt.payload));
    auto members = read_parameters(jwt.payload);
    if (!members) return refuse("the request object cannot be read");
    QueryParameters merged;
    for (auto& [name, value] : *members) {
        if (std::ranges::find(kEnvelope, name) != kEnvelope.end()) continue;
        // RFC 9101 section 4: "request and request_uri parameters MUST NOT be included in Request Objects."
        if (name == "request" || name == "request_uri") return refuse("a request object holds no other");
        merged.emplace_back(std::move(name), std::move(value));
    }
    // OpenID Connect Core 6.1: what the address says of these must be the same.
    for (const std::string_view name : {"response_type", "client_id"}) {
        const auto inside = find_parameter(merged, name);
        if (inside && sent.has(name) && *inside != sent.get(name)) return refuse(std::string(name) + " differs in the request object");
    }
    for (const auto& one : sent.all())
        if (one.first != "request" && !find_parameter(merged, one.first)) merged.push_back(one);
    return Parameters(std::move(merged));
}

AuthorizeContext authorize_context(const EndpointContext& context, Parameters parameters) {
    return {
        .parameters = std::move(parameters),
        .find_client = [&context](std::string_view id) { return context.clients.find(context.issuer.scope, id); },
        .subject_of_hint = [&context](std::string_view hint) -> Result<std::string> {
            return TRY(read_id_token_hint(context.services, context.issuer, hint)).subject;
        },
        .open_object = [&context](const Client& client, const Parameters& sent) { return with_request_object(context, client, sent); },
        .check_idp =
            [&context](std::span<const std::string> scopes) { return check_asked_idp(context.services, context.issuer.scope, scopes); },
        .plain_pkce = context.services.rules.plain_pkce,
        .request_objects = context.services.rules.request_objects,
        .client = std::nullopt,
        .request = {},
    };
}

}  // namespace godwit::oidc
