// RFC 9126 section 2: a client pushes its authorization request before it sends the browser.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "oidc/authorize_checks.h"
#include "oidc/authorize_parameters.h"
#include "oidc/client_auth.h"
#include "oidc/dpop.h"
#include "oidc/endpoint.h"
#include "oidc/oauth_error.h"
#include "oidc/pushed_requests.h"
#include "oidc/responses.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

constexpr std::size_t kMaxPushedBytes = 8 << 10;
/// They prove the client and are no part of the request.
constexpr std::array<std::string_view, 3> kProofs = {"client_secret", "client_assertion", "client_assertion_type"};

Result<JsonObject> run(const EndpointContext& context, const http::Request& request) {
    const auto sent = TRY(single_parameters(request));
    const auto credentials = TRY(read_credentials(context.services.rules, request, sent));
    const auto client = TRY(authenticate_client({context.services, context.clients, context.issuer, credentials}));
    // Section 2.1: "The authorization server MUST reject the request if request_uri is provided."
    if (sent.has("request_uri")) return oauth_fail(kInvalidRequest, "request_uri cannot be pushed");

    QueryParameters kept = sent.all();
    std::erase_if(kept, [](const auto& one) { return one.first == "client_id" || std::ranges::find(kProofs, one.first) != kProofs.end(); });
    kept.emplace_back("client_id", client.client_id);
    // RFC 9449 section 10.1: a proof with the push says which key the tokens are for, like dpop_jkt.
    const auto jkt = TRY(DpopProofs(context.services, context.issuer.scope).check(request, context.issuer.url(Endpoint::pushed), {}));
    if (!jkt.empty() && sent.has("dpop_jkt") && sent.get("dpop_jkt") != jkt)
        return oauth_fail(kInvalidRequest, "dpop_jkt is not the key of the DPoP proof");
    if (!jkt.empty() && !sent.has("dpop_jkt")) kept.emplace_back("dpop_jkt", jkt);
    const Parameters parameters(std::move(kept));
    auto checked = authorize_context(context, parameters);
    if (const auto failed = run_authorize_checks(checked)) return std::unexpected(failed->error);
    if (build_query(parameters.all()).size() > kMaxPushedBytes) return oauth_fail(kInvalidRequest, "the authorization request is too long");

    JsonObject out;
    out.set("request_uri", TRY(keep_pushed(context.services, context.issuer.scope, client.app, parameters)));
    out.set("expires_in", std::int64_t{kPushedTime.count()});
    return out;
}

}  // namespace

http::Response serve_pushed(const EndpointContext& context, const http::Request& request) {
    if (request.method != "POST") return method_not_allowed("POST");
    const auto answer = run(context, request);
    return answer ? json_response(201, answer->text()) : error_response(answer.error());
}

}  // namespace godwit::oidc
