#include "api/oidc/oidc_service.h"

#include "api/encode/encode.h"
#include "api/oidc/messages.h"
#include "base/text.h"
#include "directory/app/apps.h"
#include "directory/instance/instances.h"
#include "directory/project/projects.h"
#include "directory/session/sessions.h"
#include "oidc/auth_requests.h"
#include "transport/rpc/registry.h"
#include "zitadel/oidc/v2/oidc_service.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::oidc::v2;

// Both on the whole instance: a request belongs to no organization before somebody answered it.
const rpc::TargetCheck kMayRead{.permission = "session.read"};
const rpc::TargetCheck kMayLink{.permission = "session.link"};

Result<void> may(const OidcServiceParts& parts, const rpc::Call& call, const rpc::TargetCheck& check) {
    return rpc::allow_target(parts.permissions, call, check, UserId{}, OrgId{});
}

/// Whom the request itself names (x-zitadel-login-client), or who has the permission. Others do not learn whether there is such a request.
Result<void> may(const OidcServiceParts& parts, const rpc::Call& call, const rpc::TargetCheck& check, const std::string& request_id) {
    auto allowed = may(parts, call, check);
    if (allowed || allowed.error().code != Code::permission_denied) return allowed;
    const auto request = parts.auth_requests.get(call.instance, request_id);
    if (request && !request->request.login_client.empty() && request->request.login_client == call.caller.user_id) return {};
    return allowed;
}

Result<void> get_auth_request(const OidcServiceParts& parts, const rpc::Call& call, const pb::GetAuthRequestRequest& request,
                              pb::GetAuthRequestResponse& response) {
    TRY(may(parts, call, kMayRead, request.auth_request_id()));
    auto found = TRY(parts.auth_requests.get(call.instance, request.auth_request_id()));
    found.request.scopes = TRY(parts.auth_requests.shown_scopes(call.instance, found));
    encode(found, *response.mutable_auth_request());
    return {};
}

/// A session that exists, with its current token.
Result<SessionId> proved_session(const OidcServiceParts& parts, const rpc::Call& call, const pb::Session& session) {
    const auto key = parse_number<std::int64_t>(session.session_id());
    const auto found = key ? parts.sessions.get(call.instance, session.session_id())
                           : Result<session::Session>(fail(Code::not_found, "QUERY-SFeaa", "Session does not exist"));
    if (!found && found.error().code == Code::not_found) return fail(Code::failed_precondition, "COMMAND-Flk38", "Session does not exist");
    if (!found) return std::unexpected(found.error());
    TRY(parts.sessions.check_token(call.instance, found->id, session.session_token()));
    return found->id;
}

Result<std::string> answer(const OidcServiceParts& parts, const rpc::Call& call, const pb::CreateCallbackRequest& request) {
    const auto by = oidc::SentBy::session_service;
    if (request.has_session()) {
        const auto session = TRY(proved_session(parts, call, request.session()));
        return parts.auth_requests.finish(call.instance, request.auth_request_id(), session, by);
    }
    const auto name = oauth_name(request.error().error());
    if (name.empty()) return fail(Code::invalid_argument, "OIDC-Err01", "the error needs a reason");
    return parts.auth_requests.fail(call.instance, request.auth_request_id(), name, request.error().error_description(), by);
}

Result<void> create_callback(const OidcServiceParts& parts, const rpc::Call& call, const pb::CreateCallbackRequest& request,
                             pb::CreateCallbackResponse& response) {
    TRY(may(parts, call, kMayLink, request.auth_request_id()));
    response.set_callback_url(TRY(answer(parts, call, request)));
    const auto handled = TRY(parts.auth_requests.get(call.instance, request.auth_request_id()));
    const directory::Change change{handled.changed, handled.version, TRY(parts.instances.get(call.instance)).id};
    encode(change, *response.mutable_details());
    return {};
}

Result<void> get_device_request(const OidcServiceParts& parts, const rpc::Call& call,
                                const pb::GetDeviceAuthorizationRequestRequest& request,
                                pb::GetDeviceAuthorizationRequestResponse& response) {
    TRY(may(parts, call, kMayRead));
    auto found = TRY(parts.auth_requests.find_waiting_device(call.instance, request.user_code()));
    const auto app = found ? TRY(parts.apps.find(call.instance, found->app)) : nullptr;
    if (!app) return fail(Code::not_found, "OIDCv2-Dev01", "Device authorization request does not exist");
    found->request.scopes = TRY(parts.auth_requests.shown_scopes(call.instance, *found));
    auto& out = *response.mutable_device_authorization_request();
    out.set_id(found->id);
    out.set_client_id(app->client_id);
    for (const auto& scope : found->request.scopes) out.add_scope(scope);
    out.set_app_name(app->name);
    if (const auto project = TRY(parts.projects.find(call.instance, app->project_id))) out.set_project_name(project->name);
    return {};
}

Result<void> decide_device(const OidcServiceParts& parts, const rpc::Call& call,
                           const pb::AuthorizeOrDenyDeviceAuthorizationRequest& request) {
    TRY(may(parts, call, kMayLink));
    const auto& id = request.device_authorization_id();
    if (request.has_session())
        return parts.auth_requests.allow_device(call.instance, id, TRY(proved_session(parts, call, request.session())));
    return parts.auth_requests.deny_device(call.instance, id);
}

}  // namespace

void register_oidc_service(rpc::Registry& registry, const OidcServiceParts& parts) {
    registry.on("zitadel.oidc.v2.OIDCService/GetAuthRequest",
                {.lane = Lane::read,
                 .rule = rpc::Rule::handler(kMayRead, "session.read on the instance, or named as login client when the request began")},
                [parts](const rpc::Call& call, const pb::GetAuthRequestRequest& request, pb::GetAuthRequestResponse& response) {
                    return get_auth_request(parts, call, request, response);
                });
    registry.on("zitadel.oidc.v2.OIDCService/CreateCallback",
                {.lane = Lane::write,
                 .rule = rpc::Rule::handler(kMayLink, "session.link on the instance, or named as login client when the request began")},
                [parts](const rpc::Call& call, const pb::CreateCallbackRequest& request, pb::CreateCallbackResponse& response) {
                    return create_callback(parts, call, request, response);
                });
    registry.on(
        "zitadel.oidc.v2.OIDCService/GetDeviceAuthorizationRequest",
        {.lane = Lane::read, .rule = rpc::Rule::handler(kMayRead, "session.read on the instance")},
        [parts](const rpc::Call& call, const pb::GetDeviceAuthorizationRequestRequest& request,
                pb::GetDeviceAuthorizationRequestResponse& response) { return get_device_request(parts, call, request, response); });
    registry.on("zitadel.oidc.v2.OIDCService/AuthorizeOrDenyDeviceAuthorization",
                {.lane = Lane::write, .rule = rpc::Rule::handler(kMayLink, "session.link on the instance")},
                [parts](const rpc::Call& call, const pb::AuthorizeOrDenyDeviceAuthorizationRequest& request,
                        pb::AuthorizeOrDenyDeviceAuthorizationResponse&) { return decide_device(parts, call, request); });
}

}  // namespace godwit::api
