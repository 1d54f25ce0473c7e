// RFC 6749 section 3.2.
#include <algorithm>

#include "oidc/dpop.h"
#include "oidc/endpoint.h"
#include "oidc/grant.h"
#include "oidc/oauth_error.h"
#include "oidc/responses.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto parameters = TRY(single_parameters(request));
    const auto type = parameters.get("grant_type");
    if (type.empty()) return oauth_fail(kInvalidRequest, "grant_type missing");
    const auto grant = std::ranges::find(grants(), type, &Grant::type);
    if (grant == grants().end() || (type == "refresh_token" && !context.services.rules.refresh_tokens))
        return oauth_fail(kUnsupportedGrantType, std::string(type.substr(0, 100)) + " not supported");
    const auto jkt = TRY(DpopProofs(context.services, context.issuer.scope).check(request, context.issuer.url(Endpoint::token), {}));
    return grant->run({context.services, context.clients, context.auth_requests, context.access_tokens, context.token_issuer,
                       context.issuer, request, parameters, jkt});
}

}  // namespace

http::Response serve_token(const EndpointContext& context, const http::Request& request) {
    if (request.method != "POST") return method_not_allowed("POST");
    const auto tokens = run(context, request);
    return tokens ? json_response(200, tokens->text()) : error_response(tokens.error());
}

}  // namespace godwit::oidc
