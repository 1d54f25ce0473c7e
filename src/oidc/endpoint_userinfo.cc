// OpenID Connect Core section 5.3, RFC 6750 section 2, RFC 9449 section 7.
#include "base/text.h"
#include "oidc/access_tokens.h"
#include "oidc/claims.h"
#include "oidc/dpop.h"
#include "oidc/endpoint.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"

namespace godwit::oidc {
namespace {

struct Shown {
    std::string token;  ///< "" when there is none
    bool by_dpop = false;
};

/// From the header, or from the form of a POST; never from the query (RFC 9700 section 4.3.2).
Result<Shown> shown_token(const http::Request& request) {
    constexpr std::string_view kBearer = "Bearer ", kDpop = "DPoP ";
    const auto authorization = request.headers.get("authorization");
    std::string form_token;
    if (request.method == "POST") form_token = TRY(single_parameters(request)).get("access_token");
    const bool by_dpop = starts_with_ignoring_case(authorization, kDpop);
    if (!by_dpop && !starts_with_ignoring_case(authorization, kBearer)) return Shown{form_token, false};
    if (!form_token.empty()) return oauth_fail(kInvalidRequest, "more than one access token in one request");
    return Shown{std::string(trim(authorization.substr(by_dpop ? kDpop.size() : kBearer.size()))), by_dpop};
}

/// As the reference does it: a script of an origin that the application did not register gets nothing with its tokens.
Result<void> check_origin(const http::Request& request, const LiveToken& live) {
    const auto origin = request.headers.get("origin");
    if (origin.empty() || !live.client || live.client->is_own_origin(origin)) return {};
    return oauth_fail(kAccessDenied, "origin is not allowed: register it as a redirect URI's or an additional origin",
                      Code::permission_denied);
}

/// RFC 9449 section 7.1: a bound token comes with a proof of its key, and only so; every other comes without.
Result<void> check_possession(const EndpointContext& context, const http::Request& request, const Shown& shown, std::string_view jkt) {
    if (!shown.by_dpop) return jkt.empty() ? Result<void>() : oauth_fail(kAccessDenied, "access token invalid", Code::unauthenticated);
    auto proved = DpopProofs(context.services, context.issuer.scope).check(request, context.issuer.url(Endpoint::userinfo), shown.token);
    if (!proved) {
        if (proved.error().code == Code::invalid_argument) proved.error().code = Code::unauthenticated;
        return std::unexpected(proved.error());
    }
    if (proved->empty()) return oauth_fail(kInvalidDpopProof, "the header DPoP is missing", Code::unauthenticated);
    if (*proved != jkt) return oauth_fail(kAccessDenied, "access token invalid", Code::unauthenticated);
    return {};
}

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto shown = TRY(shown_token(request));
    if (shown.token.empty()) return oauth_fail(kAccessDenied, "access token missing", Code::unauthenticated);
    const auto live = TRY(context.access_tokens.open(context.issuer.scope, shown.token));
    if (!live) return oauth_fail(kAccessDenied, "access token invalid", Code::unauthenticated);
    TRY(check_possession(context, request, shown, live->payload.jkt));
    TRY(check_origin(request, *live));
    JsonObject out;
    out.set("sub", live->user.public_id);
    RoleAssertion roles;
    if (live->client) roles = {.project = live->client->project, .asserted = live->client->project_asserts_roles};
    ClaimsRequest claims;
    if (!live->payload.claims.empty()) claims = TRY(ClaimsRequest::parse(live->payload.claims));
    out.merge(TRY(
        collect_claims({context.services, context.issuer.scope, live->user, live->payload.scopes, roles, claims.userinfo}, ClaimSet::all)));
    return out;
}

/// RFC 6750 section 3, RFC 9449 section 7.1.
std::string challenge(const http::Request& request, const Error& error) {
    const bool bare = error.message == "access token missing";
    const std::string name = error.id == kAccessDenied ? std::string(kInvalidToken) : error.id;
    if (!starts_with_ignoring_case(request.headers.get("authorization"), "DPoP ")) return bare ? "Bearer" : "Bearer error=\"" + name + "\"";
    std::string algorithms;
    for (const auto algorithm : kDpopAlgorithms) algorithms += (algorithms.empty() ? "" : " ") + std::string(crypto::name_of(algorithm));
    return "DPoP error=\"" + name + "\", algs=\"" + algorithms + "\"";
}

}  // namespace

http::Response serve_userinfo(const EndpointContext& context, const http::Request& request) {
    if (request.method != "GET" && request.method != "POST") return method_not_allowed("GET, POST");
    const auto claims = run(context, request);
    if (claims) return json_response(200, claims->text());
    auto response = error_response(claims.error());
    if (response.status == 401) response.headers.set("www-authenticate", challenge(request, claims.error()));
    return response;
}

}  // namespace godwit::oidc
