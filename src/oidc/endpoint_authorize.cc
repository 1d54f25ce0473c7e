// RFC 6749 section 3.1, OpenID Connect Core section 3.1.2: from a checked request to the sign-in pages, or straight back.
#include <algorithm>

#include "base/unicode.h"
#include "directory/user/users.h"
#include "oidc/asked_idp.h"
#include "oidc/asked_org.h"
#include "oidc/auth_requests.h"
#include "oidc/authorize_checks.h"
#include "oidc/authorize_parameters.h"
#include "oidc/clients.h"
#include "oidc/endpoint.h"
#include "oidc/form_post.h"
#include "oidc/login_hint.h"
#include "oidc/oauth_error.h"
#include "oidc/responses.h"
#include "oidc/services.h"

namespace godwit::oidc {
namespace {

http::Response go_to(const Result<std::string>& location) {
    return location ? redirect_response(*location) : error_response(location.error());
}

http::Response send_back(const EndpointContext& context, const AuthorizeRequest& request, const Error& error) {
    const auto oauth = to_oauth(error);
    return go_to(context.auth_requests.failure_url(context.issuer, request, oauth.error, oauth.description));
}

/// prompt=none: the answer of a session that is there and will do, else login_required (OpenID Connect Core 3.1.2.6). Where the
/// browser has several that will do and nothing says which, the person would have to choose.
Result<std::string> answer_silently(const EndpointContext& context, const http::Request& http_request, const AuthorizeContext& checked) {
    const auto& services = context.services;
    const auto id = TRY(context.auth_requests.create(context.issuer, checked.client->app, checked.request));
    const auto request = TRY(context.auth_requests.get(context.issuer.scope, id));
    const auto org = TRY(find_asked_org(services.orgs, context.issuer.scope, request.request.scopes));
    // Of several accounts the hinted one; a hint at nobody who is there says nothing.
    std::vector<session::Session> fitting, named;
    for (auto& session : TRY(services.browser.of(context.issuer.scope, http_request))) {
        if (!session.user) continue;
        const auto user = TRY(services.users.find(user::Ref::of(context.issuer.scope, session.user)));
        if (user && org.admits(user->org) && satisfies(request, session, user->public_id))
            (is_called(*user, request.request.login_hint) ? named : fitting).push_back(std::move(session));
    }
    if (!named.empty()) fitting = std::move(named);
    if (fitting.empty()) return context.auth_requests.fail(context.issuer.scope, id, kLoginRequired, "the user must sign in");
    const bool one_person = std::ranges::all_of(fitting, [&](const auto& one) { return one.user == fitting.front().user; });
    if (!one_person)
        return context.auth_requests.fail(context.issuer.scope, id, kAccountSelectionRequired, "the user must choose an account");
    auto answered = context.auth_requests.finish(context.issuer.scope, id, fitting.front().id);
    if (!answered && answered.error().code == Code::permission_denied)
        return context.auth_requests.fail(context.issuer.scope, id, kAccessDenied, answered.error().message);
    return answered;
}

Result<std::string> go_to_sign_in(const EndpointContext& context, const AuthorizeContext& checked) {
    const auto id = TRY(context.auth_requests.create(context.issuer, checked.client->app, checked.request));
    const auto& own_pages = checked.client->login_base_uri;
    if (own_pages.empty()) return context.services.rules.login_url + id;
    return own_pages + (own_pages.ends_with('/') ? "login" : "/login") + "?authRequest=" + id;
}

/// Whoever must come by an identity provider cannot be signed in by our pages, nor by a session of theirs: they know passwords. What
/// somebody's own pages do, they answer for.
Result<void> check_can_sign_in(const AuthorizeContext& checked) {
    if (!asks_for_idp(checked.request.scopes)) return {};
    if (checked.request.wants(Prompt::none))
        return oauth_fail(kLoginRequired, "nobody is signed in here by the identity provider that the scope names");
    if (!checked.client->login_base_uri.empty() || !checked.request.login_client.empty()) return {};
    return oauth_fail(kInvalidScope, "the sign-in pages of this server cannot sign in by an identity provider; leave out its scope");
}

/// Set by pages that somebody made, when they pass the browser's request on: the user as which they will read and answer it. It gives no
/// more than that: an answer needs a session's token besides.
std::string login_client_of(const http::Request& request) {
    constexpr std::size_t kMaxId = 200;
    const auto named = request.headers.get("x-zitadel-login-client");
    return named.size() <= kMaxId && is_valid_utf8(named) ? std::string(named) : std::string();
}

}  // namespace

http::Response serve_authorize(const EndpointContext& context, const http::Request& request) {
    if (request.method != "GET" && request.method != "POST") return method_not_allowed("GET, POST");
    const auto parameters = Parameters::of(request);
    if (!parameters) return error_response(parameters.error());

    const auto effective = with_pushed_request(context, *parameters);
    if (!effective) return error_response(effective.error());
    auto checked = authorize_context(context, *effective);
    if (const auto failed = run_authorize_checks(checked)) {
        if (!failed->redirect) return error_response(failed->error);
        return send_back(context, checked.request, failed->error);
    }
    checked.request.login_client = login_client_of(request);
    if (const auto can = check_can_sign_in(checked); !can) return send_back(context, checked.request, can.error());
    return go_to(checked.request.wants(Prompt::none) ? answer_silently(context, request, checked) : go_to_sign_in(context, checked));
}

http::Response serve_authorize_response(const EndpointContext& context, const http::Request& request) {
    if (request.method != "GET") return method_not_allowed("GET");
    const auto parameters = Parameters::of(request);
    if (!parameters) return error_response(parameters.error());
    return context.form_post.page(context.issuer.scope, parameters->get("answer"));
}

}  // namespace godwit::oidc
