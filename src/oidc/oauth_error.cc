#include "oidc/oauth_error.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/log.h"
#include "oidc/responses.h"

namespace godwit::oidc {
namespace {

constexpr std::array kNames = {
    kInvalidRequest,
    kInvalidClient,
    kInvalidGrant,
    kInvalidScope,
    kInvalidToken,
    kUnauthorizedClient,
    kUnsupportedGrantType,
    kUnsupportedResponseType,
    kAccessDenied,
    kServerError,
    kTemporarilyUnavailable,
    kLoginRequired,
    kInteractionRequired,
    kAccountSelectionRequired,
    kRequestNotSupported,
    kRequestUriNotSupported,
    kInvalidRequestObject,
    kInvalidRequestUri,
    kInvalidTarget,
    kAuthorizationPending,
    kSlowDown,
    kExpiredToken,
    kInvalidDpopProof,
    kUseDpopNonce,
    kUnmetAuthenticationRequirements,
};

int status_of(Code code) {
    switch (code) {
        case Code::unauthenticated:
            return 401;
        case Code::permission_denied:
            return 403;
        case Code::unavailable:
            return 503;
        case Code::internal:
            return 500;
        default:
            return 400;
    }
}

}  // namespace

OauthError to_oauth(const Error& error) {
    if (std::ranges::find(kNames, error.id) != kNames.end()) return {status_of(error.code), error.id, error.message};
    switch (error.code) {
        case Code::unavailable:
        case Code::deadline_exceeded:
        case Code::resource_exhausted:
        case Code::aborted:
        case Code::cancelled:
            return {503, std::string(kTemporarilyUnavailable), "Please try again in a moment."};
        default:
            return {500, std::string(kServerError), "Errors.Internal"};
    }
}

http::Response error_response(const Error& error) {
    const auto oauth = to_oauth(error);
    if (oauth.status >= 500) log::error("oidc: request failed", {{"error", error.id}, {"message", error.message}});
    JsonObject body;
    body.set("error", oauth.error);
    if (!oauth.description.empty()) body.set("error_description", oauth.description);
    auto response = json_response(oauth.status, body.text());
    if (oauth.status == 503) response.headers.set("retry-after", "1");
    return response;
}

}  // namespace godwit::oidc
