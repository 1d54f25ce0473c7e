#include "api/oidc/messages.h"

#include "api/encode/encode.h"
#include "oidc/auth_requests.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::oidc::v2;

pb::Prompt encode(oidc::Prompt prompt) {
    switch (prompt) {
        case oidc::Prompt::none:
            return pb::PROMPT_NONE;
        case oidc::Prompt::login:
            return pb::PROMPT_LOGIN;
        case oidc::Prompt::consent:
            return pb::PROMPT_CONSENT;
        case oidc::Prompt::select_account:
            return pb::PROMPT_SELECT_ACCOUNT;
        case oidc::Prompt::create:
            return pb::PROMPT_CREATE;
    }
    return pb::PROMPT_UNSPECIFIED;
}

}  // namespace

void encode(const oidc::AuthRequest& request, pb::AuthRequest& out) {
    const auto& asked = request.request;
    out.set_id(request.id);
    encode(request.created, *out.mutable_creation_date());
    out.set_client_id(asked.client_id);
    for (const auto& scope : asked.scopes) out.add_scope(scope);
    out.set_redirect_uri(asked.redirect_uri);
    for (const auto prompt : asked.prompts) out.add_prompt(encode(prompt));
    for (const auto& locale : asked.ui_locales) out.add_ui_locales(locale);
    if (!asked.login_hint.empty()) out.set_login_hint(asked.login_hint);
    if (asked.max_age) out.mutable_max_age()->set_seconds(asked.max_age->count());
    if (!asked.hint_user.empty()) out.set_hint_user_id(asked.hint_user);
}

std::string_view oauth_name(pb::ErrorReason reason) {
    switch (reason) {
        case pb::ERROR_REASON_INVALID_REQUEST:
            return "invalid_request";
        case pb::ERROR_REASON_UNAUTHORIZED_CLIENT:
            return "unauthorized_client";
        case pb::ERROR_REASON_ACCESS_DENIED:
            return "access_denied";
        case pb::ERROR_REASON_UNSUPPORTED_RESPONSE_TYPE:
            return "unsupported_response_type";
        case pb::ERROR_REASON_INVALID_SCOPE:
            return "invalid_scope";
        case pb::ERROR_REASON_SERVER_ERROR:
            return "server_error";
        case pb::ERROR_REASON_TEMPORARY_UNAVAILABLE:
            return "temporarily_unavailable";
        case pb::ERROR_REASON_INTERACTION_REQUIRED:
            return "interaction_required";
        case pb::ERROR_REASON_LOGIN_REQUIRED:
            return "login_required";
        case pb::ERROR_REASON_ACCOUNT_SELECTION_REQUIRED:
            return "account_selection_required";
        case pb::ERROR_REASON_CONSENT_REQUIRED:
            return "consent_required";
        case pb::ERROR_REASON_INVALID_REQUEST_URI:
            return "invalid_request_uri";
        case pb::ERROR_REASON_INVALID_REQUEST_OBJECT:
            return "invalid_request_object";
        case pb::ERROR_REASON_REQUEST_NOT_SUPPORTED:
            return "request_not_supported";
        case pb::ERROR_REASON_REQUEST_URI_NOT_SUPPORTED:
            return "request_uri_not_supported";
        case pb::ERROR_REASON_REGISTRATION_NOT_SUPPORTED:
            return "registration_not_supported";
        default:
            return "";
    }
}

}  // namespace godwit::api
