// OpenID Connect Core section 5.3, RFC 6750 section 2.
#include "base/text.h"
#include "oidc/access_tokens.h"
#include "oidc/claims.h"
#include "oidc/endpoint.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"

namespace godwit::oidc {
namespace {

/// From the header, or from the form of a POST; never from the query (RFC 9700 section 4.3.2). "" when there is none.
Result<std::string> bearer_token(const http::Request& request) {
    constexpr std::string_view kScheme = "Bearer ";
    const auto authorization = request.headers.get("authorization");
    std::string form_token;
    if (request.method == "POST") form_token = TRY(single_parameters(request)).get("access_token");
    if (!starts_with_ignoring_case(authorization, kScheme)) return form_token;
    if (!form_token.empty()) return oauth_fail(kInvalidRequest, "more than one access token in one request");
    return std::string(trim(authorization.substr(kScheme.size())));
}

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto token = TRY(bearer_token(request));
    if (token.empty()) return oauth_fail(kAccessDenied, "access token missing", Code::unauthenticated);
    const auto live = TRY(context.access_tokens.open(context.issuer.scope, token));
    if (!live) return oauth_fail(kAccessDenied, "access token invalid", Code::unauthenticated);
    JsonObject out;
    out.set("sub", live->user.public_id);
    RoleAssertion roles;
    if (live->client) roles = {.project = live->client->project, .asserted = live->client->project_asserts_roles};
    out.merge(TRY(collect_claims({context.services, context.issuer.scope, live->user, live->payload.scopes, roles}, ClaimSet::all)));
    return out;
}

}  // namespace

http::Response serve_userinfo(const EndpointContext& context, const http::Request& request) {
    if (request.method != "GET" && request.method != "POST") return method_not_allowed("GET, POST");
    const auto claims = run(context, request);
    if (claims) return json_response(200, claims->text());
    auto response = error_response(claims.error());
    if (response.status == 401)
        response.headers.set("www-authenticate",
                             claims.error().message == "access token missing" ? "Bearer" : "Bearer error=\"invalid_token\"");
    return response;
}

}  // namespace godwit::oidc
