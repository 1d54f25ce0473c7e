// PBKDF2-HMAC (RFC 8018 section 5.2): passlib's, the PHC and OpenLDAP's encodings, and the computation under many other dialects.
#pragma once

#include "credentials/password/digest.h"
#include "credentials/password/scheme.h"

namespace godwit::password {

struct Pbkdf2 {
    Hash hash = Hash::sha256;
    std::uint64_t iterations = 0;
    std::string salt;
    std::string expected;  ///< its length is the length of the derived key
};
RecipePtr make_recipe(Pbkdf2 parameters);

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint64_t iterations, std::size_t length);

/// "$pbkdf2-sha256$600000$<ab64 salt>$<ab64 digest>", the form passlib and the reference read.
std::string encode_pbkdf2(const Pbkdf2& parameters);
/// "sha1", "sha256", "sha512" and their HMACs; nullopt for digests nobody uses in PBKDF2.
std::optional<Hash> find_pbkdf2_hash(std::string_view name);

}  // namespace godwit::password
