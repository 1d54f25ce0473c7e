// Proof Key for Code Exchange (RFC 7636), by S256: "plain" protects against nothing that matters today (RFC 9700 2.1.1), and is for
// applications of old that the configuration makes room for (OIDC.CodeMethodPlain).
#pragma once

#include <string>
#include <string_view>

namespace godwit::oidc::pkce {

/// BASE64URL(SHA256(ASCII(code_verifier))), RFC 7636 section 4.2.
std::string challenge_of(std::string_view verifier);

/// 43 characters of the base64url alphabet: what S256 always gives.
bool is_challenge(std::string_view text);

/// 43 to 128 unreserved characters (section 4.1).
bool is_verifier(std::string_view text);

/// In constant time. `plain`: the challenge is the verifier itself.
bool matches(std::string_view verifier, std::string_view challenge, bool plain = false);

}  // namespace godwit::oidc::pkce
