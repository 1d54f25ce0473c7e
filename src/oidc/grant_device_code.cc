// RFC 8628 sections 3.4 and 3.5.
#include "oidc/client_auth.h"
#include "oidc/code_redemption.h"
#include "oidc/device_requests.h"
#include "oidc/grant.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"

namespace godwit::oidc {

Result<JsonObject> device_code_grant(const GrantContext& context) {
    const auto text = context.parameters.get("device_code");
    if (text.empty()) return oauth_fail(kInvalidRequest, "device_code missing");
    const auto credentials = TRY(read_credentials(context.services.rules, context.request, context.parameters));
    const auto client = TRY(authenticate_client({context.services, context.clients, context.issuer, credentials}));
    if (!client.allows(GrantType::device_code))
        return oauth_fail(kUnauthorizedClient, "device_code is missing in the client configuration");

    const auto poll = TRY(DeviceRequests(context.services).poll(context.issuer.scope, client.app, text));
    using enum DeviceRequests::Poll::State;
    switch (poll.state) {
        case waiting:
            return oauth_fail(kAuthorizationPending,
                              "The client SHOULD repeat the access token request to the token endpoint, after interval from device "
                              "authorization response.");
        case too_fast:
            return oauth_fail(kSlowDown, "Wait five seconds longer between requests from now on.");
        case denied:
            return oauth_fail(kAccessDenied, "The authorization request was denied.");
        case expired:
            return oauth_fail(kExpiredToken, "The device_code has expired; begin again.");
        case unknown:
            return oauth_fail(kInvalidGrant, "");
        case allowed:
            break;
    }
    return redeem(context, client, poll.code);
}

}  // namespace godwit::oidc
