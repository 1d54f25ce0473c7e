// OpenID Connect Core section 5.3, RFC 6750 section 2, RFC 9449 section 7.
#include "oidc/access_tokens.h"
#include "oidc/claims.h"
#include "oidc/endpoint.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/possession.h"
#include "oidc/responses.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {
namespace {

/// From the header, or from the form of a POST; never from the query (RFC 9700 section 4.3.2).
Result<http::ShownToken> shown_token(const http::Request& request) {
    auto shown = http::shown_token(request.headers.get("authorization"));
    std::string form_token;
    if (request.method == "POST") form_token = TRY(single_parameters(request)).get("access_token");
    if (shown.scheme == http::TokenScheme::none) return http::ShownToken{std::move(form_token), http::TokenScheme::bearer};
    if (!form_token.empty()) return oauth_fail(kInvalidRequest, "more than one access token in one request");
    return shown;
}

/// As the reference does it: a script of an origin that the application did not register gets nothing with its tokens.
Result<void> check_origin(const http::Request& request, const LiveToken& live) {
    const auto origin = request.headers.get("origin");
    if (origin.empty() || !live.client || live.client->is_own_origin(origin)) return {};
    return oauth_fail(kAccessDenied, "origin is not allowed: register it as a redirect URI's or an additional origin",
                      Code::permission_denied);
}

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto shown = TRY(shown_token(request));
    if (shown.token.empty()) return oauth_fail(kAccessDenied, "access token missing", Code::unauthenticated);
    const auto live = TRY(context.access_tokens.open(context.issuer.scope, shown.token));
    if (!live) return oauth_fail(kAccessDenied, "access token invalid", Code::unauthenticated);
    TRY(check_possession(context.services, context.issuer.scope, shown, live->payload.jkt, &request,
                         context.issuer.url(Endpoint::userinfo)));
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
    const auto tried = http::shown_token(request.headers.get("authorization")).scheme;
    if (error.message == "access token missing") return http::challenge(tried);
    return http::challenge(tried, error.id == kAccessDenied ? kInvalidToken : std::string_view(error.id), error.message);
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
