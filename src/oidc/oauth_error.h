// OAuth errors (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, RFC 6750 section 3.1, RFC 8628 section 3.5, RFC 8693
// section 2.2.2) as godwit::Error: `id` is the registered name, `message` the error_description, `code` decides the HTTP status. So TRY
// carries them like any other.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/message.h"

namespace godwit::oidc {

inline constexpr std::string_view kInvalidRequest = "invalid_request";
inline constexpr std::string_view kInvalidClient = "invalid_client";
inline constexpr std::string_view kInvalidGrant = "invalid_grant";
inline constexpr std::string_view kInvalidScope = "invalid_scope";
inline constexpr std::string_view kInvalidToken = "invalid_token";
inline constexpr std::string_view kUnauthorizedClient = "unauthorized_client";
inline constexpr std::string_view kUnsupportedGrantType = "unsupported_grant_type";
inline constexpr std::string_view kUnsupportedResponseType = "unsupported_response_type";
inline constexpr std::string_view kAccessDenied = "access_denied";
inline constexpr std::string_view kServerError = "server_error";
inline constexpr std::string_view kTemporarilyUnavailable = "temporarily_unavailable";
inline constexpr std::string_view kLoginRequired = "login_required";
inline constexpr std::string_view kAccountSelectionRequired = "account_selection_required";
inline constexpr std::string_view kInteractionRequired = "interaction_required";
inline constexpr std::string_view kInvalidRequestObject = "invalid_request_object";
inline constexpr std::string_view kInvalidRequestUri = "invalid_request_uri";
inline constexpr std::string_view kAuthorizationPending = "authorization_pending";
inline constexpr std::string_view kSlowDown = "slow_down";
inline constexpr std::string_view kUnmetAuthenticationRequirements = "unmet_authentication_requirements";
inline constexpr std::string_view kInvalidDpopProof = "invalid_dpop_proof";
inline constexpr std::string_view kUseDpopNonce = "use_dpop_nonce";
inline constexpr std::string_view kExpiredToken = "expired_token";
inline constexpr std::string_view kInvalidTarget = "invalid_target";
inline constexpr std::string_view kRequestNotSupported = "request_not_supported";
inline constexpr std::string_view kRequestUriNotSupported = "request_uri_not_supported";

/// `return oauth_fail(kInvalidGrant, "redirect_uri does not correspond");` Descriptions are the recorded ones where a recording has them.
[[nodiscard]] inline std::unexpected<Error> oauth_fail(std::string_view error, std::string_view description,
                                                       Code code = Code::invalid_argument) {
    return fail(code, error, description);
}

struct OauthError {
    int status = 400;
    std::string error;
    std::string description;  ///< may be empty: then the member is left out
};

/// The one table from our errors to OAuth's: errors made by oauth_fail keep their name; all others become server_error (500) or
/// temporarily_unavailable (503), their text stays inside.
OauthError to_oauth(const Error& error);

/// {"error": …, "error_description": …} with `Cache-Control: no-store` (RFC 6749 section 5.2); 503 has Retry-After.
http::Response error_response(const Error& error);

}  // namespace godwit::oidc
