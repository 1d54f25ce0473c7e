// Who shows an access token that is bound to a key shows that they hold the key (RFC 9449 section 7): at userinfo and at every API.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::http {
struct Request;
struct ShownToken;
}  // namespace godwit::http

namespace godwit::oidc {

struct Services;

/// A bound token comes with a proof of its key, and only so; every other comes without. `jkt` is what the token is bound to, "" for
/// nothing; `request` brings the proof and was sent to `url`, as clients know it; null where the proof was looked at before, for it is
/// good once. Errors, all unauthenticated: invalid_token, invalid_dpop_proof, use_dpop_nonce.
Result<void> check_possession(const Services& services, InstanceScope scope, const http::ShownToken& shown, std::string_view jkt,
                              const http::Request* request, std::string_view url);

}  // namespace godwit::oidc
