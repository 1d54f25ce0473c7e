// How a request shows an access token, and what it is told when that does not do (RFC 6750 sections 2.1 and 3, RFC 9449 section 7).
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace godwit::http {

enum class TokenScheme { none, bearer, dpop };

struct ShownToken {
    std::string token;  ///< "" when there is none
    TokenScheme scheme = TokenScheme::none;
};

/// Of the header Authorization; nothing when it is of another scheme.
ShownToken shown_token(std::string_view authorization);

/// The algorithms that proofs of keys may be made with, by their names. Ed25519 is what RFC 9864 calls EdDSA with that curve.
inline constexpr std::array<std::string_view, 6> kProofAlgorithms = {"ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256"};

/// The value of WWW-Authenticate for a request that came by `tried`; `error` "": it brought no token. The description must not be secret.
std::string challenge(TokenScheme tried, std::string_view error = {}, std::string_view description = {});

}  // namespace godwit::http
