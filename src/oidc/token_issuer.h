// The token response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3): every grant ends here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/keys.h"
#include "directory/user/types.h"
#include "oidc/claims.h"
#include "oidc/client.h"
#include "oidc/token_payload.h"

namespace godwit::oidc {

class AccessTokens;
struct Issuer;
struct Services;

/// What is to be issued, and to whom.
struct Issuance {
    std::string client_id;
    AppId app;  ///< 0: a machine user that is its own client
    bool jwt_access_token = false;
    bool id_token_userinfo = false;
    RoleAssertion roles;  ///< of the client's project
    bool access_token_roles = true, id_token_roles = true;
    std::chrono::seconds clock_skew{0};
    bool hears_of_logout = false;  ///< the client has an address for the news that the session has ended
    std::int64_t family = 0, generation = 0;
    user::User user;
    SessionId session;
    Scopes scopes;
    Scopes asked_scopes;  ///< when it differs from `scopes` the answer says what was granted (RFC 6749 section 5.1)
    std::vector<std::string> audience;
    std::vector<std::string> amr;
    Time auth_time;
    ClaimsRequest claims;
    std::string jkt;  ///< the access token is bound to this key (RFC 9449); "": a bearer token
    std::string nonce;
    std::string refresh_token;
    std::vector<std::string> actors;  ///< see TokenPayload

    /// What the client's configuration says of its tokens.
    void take(const Client& client);
};

class TokenIssuer {
public:
    TokenIssuer(const Services& services, AccessTokens& access_tokens) : services_(services), access_tokens_(access_tokens) {}

    Result<JsonObject> issue(const Issuer& issuer, const Issuance& wanted) const;

    /// From when on a token is good, and how long.
    struct Span {
        Time from;
        std::chrono::seconds lifetime;
    };
    /// What an id_token is bound to by hashes of it (OpenID Connect Core 3.3.2.11, FAPI's s_hash); "" leaves one out.
    struct Bound {
        std::string_view access_token = {}, code = {}, state = {};
    };
    Result<std::string> id_token(const Issuer& issuer, const Issuance& wanted, Span span, const Bound& to) const;
    Result<std::string> access_token(const Issuer& issuer, const Issuance& wanted, Span span) const;

private:
    const Services& services_;
    AccessTokens& access_tokens_;
};

/// The subject of an id_token that this issuer signed, expired or not, with what a sign-out needs of it.
struct HintedSession {
    std::string subject;
    std::string client_id;
    std::optional<SessionId> session;
};
/// invalid_argument when it is none of ours (OpenID Connect Core 3.1.2.1, RP-Initiated Logout section 2).
Result<HintedSession> read_id_token_hint(const Services& services, const Issuer& issuer, std::string_view id_token);

/// The left half of the hash of an access token, by the algorithm of the id_token (OpenID Connect Core 3.1.3.6).
std::string half_hash(crypto::Algorithm algorithm, std::string_view text);

}  // namespace godwit::oidc
