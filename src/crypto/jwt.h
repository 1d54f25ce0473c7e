// Compact JWS (RFC 7515 section 7.1) and JWT (RFC 7519): making, taking apart, verifying under a pinned list of algorithms
// (RFC 8725 section 3.1). What the claims mean is the caller's business.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/keys.h"

namespace godwit::crypto {

/// header.payload.signature. `payload` is the claims' JSON text. `typ` is left out when empty ("at+jwt", "JWT", …).
Result<std::string> encode_jwt(const PrivateKey& key, Algorithm algorithm, std::string_view kid, std::string_view typ,
                               std::string_view payload);

struct Jwt {
    Algorithm algorithm = Algorithm::RS256;
    std::string kid;      ///< empty when absent
    std::string typ;      ///< empty when absent
    std::string payload;  ///< as sent; a JSON object if the sender was right
};

/// Takes a token apart without trusting it: to find out whose key it needs. InvalidArgument when it is not three base64url
/// parts, its header is no JSON object, has a member twice, has `crit` or names an algorithm that is not asymmetric and known.
Result<Jwt> parse_unverified_jwt(std::string_view token);

/// The key for a token, by its header; nullopt when there is none.
using KeyLookup = std::function<std::optional<PublicKey>(const Jwt& unverified)>;

/// Unauthenticated when the algorithm is not in `allowed`, no key is found, the key does not fit the algorithm or the signature
/// is wrong. Expiry, issuer and audience are not looked at.
Result<Jwt> verify_jwt(std::string_view token, std::span<const Algorithm> allowed, const KeyLookup& find_key);

}  // namespace godwit::crypto
