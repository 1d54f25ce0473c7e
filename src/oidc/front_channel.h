// Tokens in the answer of the authorization endpoint itself (OpenID Connect Core sections 3.2 and 3.3): for applications whose
// configuration asks for the implicit grant.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/url.h"
#include "oidc/session_tokens.h"

namespace godwit::oidc {

class IssuerTable;
struct Services;

/// access_token, token_type, expires_in and id_token, as far as the request's response_type names them, with the hashes that bind them to
/// each other, to `code` ("" when there is none) and to the state. The access token can be revoked like any other; there is never a
/// refresh token.
Result<QueryParameters> front_channel_tokens(const Services& services, const TokenIssuer& token_issuer, const IssuerTable& issuers,
                                             InstanceScope scope, const SignedIn& who, std::string_view code);

}  // namespace godwit::oidc
