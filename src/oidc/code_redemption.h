// From what a person allowed to tokens: the part that the grants authorization_code and device_code share.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "oidc/auth_requests.h"
#include "oidc/client.h"
#include "oidc/grant.h"

namespace godwit::oidc {

/// The token response for a code of this client, once. A second use revokes what the first one got (RFC 6749 section 4.1.2: the server
/// "SHOULD revoke (when possible) all tokens previously issued based on that code"). invalid_grant also when the session has ended or
/// the user may not sign in any more.
Result<JsonObject> redeem(const GrantContext& context, const Client& client, const IssuedCode& code);

}  // namespace godwit::oidc
