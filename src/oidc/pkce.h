// Proof Key for Code Exchange (RFC 7636), method S256 only: "plain" protects against nothing that matters today (RFC 9700 2.1.1).
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

/// In constant time.
bool matches(std::string_view verifier, std::string_view challenge);

}  // namespace godwit::oidc::pkce
