// OpenID Connect RP-Initiated Logout 1.0.
#include <algorithm>

#include "oidc/clients.h"
#include "oidc/end_session.h"
#include "oidc/endpoint.h"
#include "oidc/front_channel_logout.h"
#include "oidc/oauth_error.h"
#include "oidc/parameters.h"
#include "oidc/responses.h"
#include "oidc/services.h"
#include "oidc/token_issuer.h"

namespace godwit::oidc {
namespace {

struct SignOut {
    std::string client_id;  ///< "" when nothing names one
    std::optional<SessionId> session;
    std::string subject;  ///< of the hint
    std::string uri;      ///< post_logout_redirect_uri, checked; "" for none
    std::string state;
    std::string address;  ///< both together
};

Result<SignOut> read(const EndpointContext& context, const Parameters& parameters) {
    SignOut out;
    if (const auto hint = parameters.get("id_token_hint"); !hint.empty()) {
        auto hinted = read_id_token_hint(context.services, context.issuer, hint);
        if (!hinted && hinted.error().code != Code::invalid_argument) return std::unexpected(hinted.error());
        if (!hinted) return oauth_fail(kInvalidRequest, "id_token_hint invalid");
        out.client_id = hinted->client_id;
        out.session = hinted->session;
        out.subject = hinted->subject;
    }
    if (const auto named = parameters.get("client_id"); !named.empty()) {
        // Section 2: "the OP MUST verify that the Client Identifier matches the one used when issuing the ID Token".
        if (!out.client_id.empty() && out.client_id != named) return oauth_fail(kInvalidRequest, "client_id does not match id_token_hint");
        out.client_id = named;
    }
    out.uri = parameters.get("post_logout_redirect_uri");
    if (out.uri.empty()) return out;
    out.state = parameters.get("state");
    auto address = TRY(post_logout_address(context.clients, context.issuer.scope, out.client_id, out.uri, out.state));
    if (!address) return oauth_fail(kInvalidRequest, "post_logout_redirect_uri invalid");
    out.address = *std::move(address);
    return out;
}

/// Without a session that the client can name the person is asked, so that no page can sign people out by a link.
std::string ask_the_person(const EndpointContext& context, const SignOut& wanted) {
    const std::string_view next = wanted.uri.empty() ? context.issuer.pages.signed_out : std::string_view(wanted.uri);
    QueryParameters query;
    if (!wanted.uri.empty()) query.emplace_back("client_id", wanted.client_id);
    if (!wanted.uri.empty() && !wanted.state.empty()) query.emplace_back("state", wanted.state);
    return add_query(context.services.rules.logout_url + percent_encode(next), query);
}

Result<std::string> run(const EndpointContext& context, const http::Request& request) {
    const auto wanted = TRY(read(context, TRY(single_parameters(request))));
    if (!wanted.session) return ask_the_person(context, wanted);
    SignOutNotice notice{.frames = TRY(context.front_channel.addresses(context.issuer.scope, *wanted.session)), .then = wanted.address};
    store::Editor editor;
    editor.service = "OIDC";
    editor.request_id = request.id;
    auto ended = context.services.sessions.terminate(context.issuer.scope, *wanted.session, editor);
    if (!ended && ended.error().code != Code::not_found) return std::unexpected(ended.error());
    const std::string done = std::string(context.issuer.pages.sign_out) + "/done";
    if (!notice.frames.empty()) return done + "?notice=" + TRY(context.front_channel.seal(context.issuer.scope, notice));
    return wanted.uri.empty() ? done : wanted.address;
}

}  // namespace

Result<std::optional<std::string>> post_logout_address(const Clients& clients, InstanceScope scope, std::string_view client_id,
                                                       std::string_view uri, std::string_view state) {
    if (client_id.empty() || uri.empty()) return std::nullopt;
    const auto client = TRY(clients.find(scope, client_id));
    if (!client) return std::nullopt;
    // What is registered is enough here: nothing secret travels, so http and a scheme of one's own do no harm.
    const auto verdict = check_redirect_uri(client->redirect_policy(), client->post_logout_redirect_uris, uri);
    if (verdict == RedirectVerdict::malformed || verdict == RedirectVerdict::not_registered) return std::nullopt;
    const QueryParameters query = {{"state", std::string(state)}};
    return state.empty() ? std::string(uri) : add_query(std::string(uri), query);
}

http::Response serve_end_session(const EndpointContext& context, const http::Request& request) {
    if (request.method != "GET" && request.method != "POST") return method_not_allowed("GET, POST");
    const auto location = run(context, request);
    return location ? redirect_response(*location) : error_response(location.error());
}

}  // namespace godwit::oidc
