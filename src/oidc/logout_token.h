// Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): the news that a session has ended, signed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "directory/session/clients.h"
#include "oidc/issuer.h"

namespace godwit::oidc {

struct Services;

/// For one try of telling: new `jti` and `iat` each time, good for two minutes.
Result<std::string> make_logout_token(const Services& services, const Issuer& issuer, std::string_view client_id,
                                      const session::Client& ended, Time now);

}  // namespace godwit::oidc
