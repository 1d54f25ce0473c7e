// RFC 7662: what an API asks about a token it was shown. Only applications with a proof of their own may ask, and only about tokens
// meant for them or their project.
#include <algorithm>

#include "directory/user/machines.h"
#include "oidc/access_tokens.h"
#include "oidc/claims.h"
#include "oidc/client_auth.h"
#include "oidc/clients.h"
#include "oidc/endpoint.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

JsonObject inactive() {
    JsonObject out;
    out.set("active", false);
    return out;
}

Result<Client> caller(const EndpointContext& context, const http::Request& request, const Parameters& parameters) {
    const auto credentials = TRY(read_credentials(context.services.rules, request, parameters));
    auto client = authenticate_client({context.services, context.clients, context.issuer, credentials});
    if (client && client->is_public()) return oauth_fail(kInvalidClient, "this client cannot authenticate");
    // As recorded: a wrong secret is unauthorized_client here, without a word.
    if (!client && client.error().message == "invalid secret") return oauth_fail(kUnauthorizedClient, "");
    return client;
}

bool is_for(const TokenPayload& token, const Client& client) {
    return std::ranges::any_of(token.audience, [&](const auto& one) { return one == client.client_id || one == client.project_id; });
}

/// A personal access token is good for every API; its dates are on its row.
Result<void> fill_personal(const EndpointContext& context, const Client& client, LiveToken& live) {
    const auto pat = TRY(context.services.machines.get_pat(user::Ref::of(context.issuer.scope, live.user.id), live.jti));
    live.payload.audience = {client.client_id, client.project_id};
    live.payload.issued = pat.stamp.created;
    live.payload.expires = pat.expires;
    return {};
}

/// A token without an application is told of as if the one that asks had got it; a machine's own token as it is.
Result<Scopes> told_scopes(const EndpointContext& context, const Client& asking, const LiveToken& live) {
    const Client* holder = live.personal ? &asking : live.client ? &*live.client : nullptr;
    if (!holder) return live.payload.scopes;
    return context.clients.shown_scopes(context.issuer.scope, *holder, live.payload.scopes);
}

Result<JsonObject> describe(const EndpointContext& context, const Client& asking, const LiveToken& live) {
    const auto& token = live.payload;
    JsonObject out;
    out.set("active", true);
    out.set("scope", format_scopes(TRY(told_scopes(context, asking, live))));
    out.set_if("client_id", token.client_id);
    out.set("token_type", token.jkt.empty() ? "Bearer" : "DPoP");
    if (!token.jkt.empty()) out.set("cnf", confirmation_claim(token.jkt));
    out.set("exp", token.expires.seconds());
    out.set("iat", token.issued.seconds());
    out.set("nbf", token.issued.seconds());
    if (!live.personal) out.set("auth_time", token.auth_time.seconds());
    if (!token.amr.empty()) out.set("amr", token.amr);
    out.set("sub", live.user.public_id);
    if (!token.actors.empty()) out.set("act", act_claim(context.issuer, token.actors));
    out.set("aud", token.audience);
    out.set("iss", context.issuer.name);
    out.set("jti", live.jti);
    out.set("username", live.user.preferred_login_name);
    const RoleAssertion roles{.project = asking.project, .asserted = asking.project_asserts_roles, .only_project = true};
    out.merge(TRY(collect_claims({context.services, context.issuer.scope, live.user, token.scopes, roles}, ClaimSet::all)));
    return out;
}

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto parameters = TRY(single_parameters(request));
    const auto client = TRY(caller(context, request, parameters));
    const auto token = parameters.get("token");
    if (token.empty()) return oauth_fail(kInvalidRequest, "token missing");
    auto live = TRY(context.access_tokens.open(context.issuer.scope, token));
    if (!live) return inactive();
    if (live->personal) TRY(fill_personal(context, client, *live));
    if (!is_for(live->payload, client)) return inactive();
    return describe(context, client, *live);
}

}  // namespace

http::Response serve_introspection(const EndpointContext& context, const http::Request& request) {
    if (request.method != "POST") return method_not_allowed("POST");
    const auto answer = run(context, request);
    return answer ? json_response(200, answer->text()) : error_response(answer.error());
}

}  // namespace godwit::oidc
