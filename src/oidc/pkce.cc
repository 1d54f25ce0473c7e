#include "oidc/pkce.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"

namespace godwit::oidc::pkce {

std::string challenge_of(std::string_view verifier) { return base64_encode(crypto::sha256(verifier), Base64::url); }

bool is_challenge(std::string_view text) { return text.size() == 43 && base64_decode(text, Base64::url).has_value(); }

bool is_verifier(std::string_view text) {
    return text.size() >= 43 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
               return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
           });
}

bool matches(std::string_view verifier, std::string_view challenge, bool plain) {
    return is_verifier(verifier) && crypto::constant_time_equals(plain ? std::string(verifier) : challenge_of(verifier), challenge);
}

}  // namespace godwit::oidc::pkce
