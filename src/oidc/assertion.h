// JWT assertions (RFC 7521, RFC 7523): the proof of private_key_jwt clients and of machine users with a key.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "oidc/issuer.h"
#include "oidc/services.h"

namespace godwit::oidc {

/// Who the key named by `kid` belongs to.
struct AssertionKey {
    std::string owner;  ///< what `iss` and `sub` must be
    std::string spki;   ///< DER
};
using AssertionKeys = std::function<Result<std::optional<AssertionKey>>(std::string_view kid)>;

inline constexpr std::chrono::minutes kMaxAssertionAge{60};  ///< of `iat`
inline constexpr std::chrono::seconds kAssertionSkew{5};     ///< the other side's clock may be ahead
/// How long after its first use an assertion without jti may come again: zitadel-go and others make the same one for all calls of a second.
inline constexpr std::chrono::seconds kRepeatable{10};

/// Checks signature (RS256), iss = sub = the key's owner, aud = issuer or token endpoint, exp, iat and that it comes for the first
/// time (but for kRepeatable). Answers the owner. invalid_argument with what is wrong; callers choose the OAuth error.
Result<std::string> check_assertion(const Services& services, const Issuer& issuer, std::string_view assertion, const AssertionKeys& keys);

}  // namespace godwit::oidc
