// The grants of the token endpoint: one file each (grant_*.cc) and one line in the list in grant.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "oidc/parameters.h"
#include "transport/http/message.h"

namespace godwit::oidc {

class AccessTokens;
class AuthRequests;
class Clients;
class TokenIssuer;
struct Issuer;
struct Services;

struct GrantContext {
    const Services& services;
    const Clients& clients;
    AuthRequests& auth_requests;
    AccessTokens& access_tokens;
    TokenIssuer& token_issuer;
    const Issuer& issuer;
    const http::Request& request;
    const Parameters& parameters;
    std::string_view jkt = {};  ///< of the key that the request proved to hold (RFC 9449); "": it brought no proof
};

struct Grant {
    std::string_view type;
    /// The token response, or an OAuth error.
    Result<JsonObject> (*run)(const GrantContext& context);
};

std::span<const Grant> grants();

Result<JsonObject> authorization_code_grant(const GrantContext& context);
Result<JsonObject> refresh_token_grant(const GrantContext& context);
Result<JsonObject> client_credentials_grant(const GrantContext& context);
Result<JsonObject> jwt_bearer_grant(const GrantContext& context);
Result<JsonObject> device_code_grant(const GrantContext& context);
Result<JsonObject> token_exchange_grant(const GrantContext& context);

}  // namespace godwit::oidc
