// What an access token says, and its two forms on the wire: sealed bytes (opaque) and the claims of a JWT.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "oidc/scope.h"

namespace godwit::oidc {

/// The identity of a token. `family` is the row that can revoke it together with its refresh token; a token of a machine has none,
/// and only its own entry among the revoked ones.
struct TokenId {
    std::int64_t family = 0;
    std::int64_t generation = 0;  ///< of the family when it was issued: a refresh ends the tokens before it
    std::int64_t token = 0;       ///< generated, so it also says when

    /// "V2_<family>-at_<token>.<generation>", or "V2_<token>-at_<token>" without family.
    std::string jti() const;
    static std::optional<TokenId> parse(std::string_view jti);
    friend bool operator==(const TokenId&, const TokenId&) = default;
};

struct TokenPayload {
    TokenId id;
    UserId user;
    SessionId session;
    AppId app;  ///< 0: a machine user that is its own client
    std::string client_id;
    Scopes scopes;
    std::vector<std::string> audience;
    std::vector<std::string> amr;
    Time auth_time, issued, expires;
    std::string jkt;                  ///< key that it is bound to (RFC 9449); "": a bearer token
    std::string claims;               ///< of its family, filled in when it is opened: see Family
    std::vector<std::string> actors;  ///< subjects of who acts for the user, the latest first (RFC 8693 section 4.1); mostly none

    /// Compact, for sealing.
    std::string pack() const;
    /// data_loss for anything pack did not write.
    static Result<TokenPayload> unpack(std::string_view bytes);
    friend bool operator==(const TokenPayload&, const TokenPayload&) = default;
};

}  // namespace godwit::oidc
