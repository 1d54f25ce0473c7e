// Access tokens: made without a row, opened with every state looked at (docs/data-model.md, "issue without writing, revoke by
// writing"). Two forms: opaque (sealed, bound to the instance) and JWT.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/id_generator.h"
#include "base/json.h"
#include "base/result.h"
#include "directory/user/types.h"
#include "oidc/client.h"
#include "oidc/token_payload.h"

namespace godwit::http {
struct Request;
struct ShownToken;
}  // namespace godwit::http

namespace godwit::oidc {

class Clients;
struct Issuer;
struct Services;

/// A token that holds now, with the user it stands for.
struct LiveToken {
    TokenPayload payload;
    std::string jti;
    user::User user;
    std::optional<Client> client = {};  ///< the application it was issued to; none for machine users and personal access tokens
    bool personal = false;              ///< a personal access token: no client, no audience of its own, every API of the instance
};

/// RFC 8693 section 4.1; `actors` is not empty.
JsonObject act_claim(const Issuer& issuer, const std::vector<std::string>& actors);

/// `cnf` of a token that is bound to a key (RFC 9449 section 6.1).
JsonObject confirmation_claim(std::string_view jkt);

class AccessTokens {
public:
    AccessTokens(const Services& services, const Clients& clients);

    /// For TokenId::token. Its node number is drawn, not leased: these ids name no row, they only must differ and tell their time.
    std::int64_t new_id() { return ids_.next(); }

    /// What only a JWT tells.
    struct Jwt {
        std::string_view subject;
        const JsonObject& claims;         ///< beside the registered ones
        std::chrono::seconds clock_skew;  ///< of the client: how much earlier the token says it began
    };
    /// `jwt` null: opaque.
    Result<std::string> make(const Issuer& issuer, const TokenPayload& payload, const Jwt* jwt) const;

    /// The token if it may be used now: sealed or signed by this instance, not expired, not revoked, its family and session alive,
    /// its user active and not logged out since, its application active. Personal access tokens too. nullopt for all others; an
    /// error only when the store is out of reach.
    Result<std::optional<LiveToken>> open(InstanceScope scope, std::string_view token) const;

    /// The same for calls of the API: the token's audience must hold the instance's own project, and who shows a bound one must hold its
    /// key (possession.h; `request` is the call, null where the same token was looked at before). unauthenticated: AUTH-7fs1e for bearer
    /// tokens; invalid_token, invalid_dpop_proof, use_dpop_nonce for those that come by DPoP.
    Result<LiveToken> open_for_api(InstanceScope scope, const http::ShownToken& shown, const http::Request* request) const;

    /// What the token says when this instance made it, whatever has become of it since. For revocation.
    Result<std::optional<TokenPayload>> read(InstanceScope scope, std::string_view token) const;

    /// The token ends now: with its family when it has one.
    Result<void> revoke(InstanceScope scope, const TokenPayload& payload) const;

private:
    Result<std::optional<TokenPayload>> read_jwt(InstanceScope scope, std::string_view token) const;
    Result<LiveToken> open_own(InstanceScope scope, std::string_view token) const;
    Result<bool> is_alive(InstanceScope scope, TokenPayload& payload) const;

    const Services& services_;
    const Clients& clients_;
    IdGenerator ids_;
};

}  // namespace godwit::oidc
