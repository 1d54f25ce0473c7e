// bcrypt: the modular crypt form and the computation, which other dialects feed with a digest of the password.
#pragma once

#include <optional>

#include "credentials/password/scheme.h"

namespace godwit::password {

struct Bcrypt {
    bool original = false;  ///< "$2$": the key has no NUL at its end
    std::uint64_t rounds_log2 = 0;
    std::string salt;      ///< 22 characters of bcrypt's own base64
    std::string expected;  ///< 23 bytes
};
RecipePtr make_recipe(Bcrypt parameters);

/// Of at most 72 bytes of `password`; nullopt when it contains NUL, at which bcrypt would stop and so match a mere prefix.
std::optional<std::string> bcrypt(std::string_view password, const Bcrypt& parameters);
/// "$2b$12$<salt><digest>".
std::string encode_bcrypt(const Bcrypt& parameters);
/// "$2$", "$2a$", "$2b$", "$2y$".
Result<RecipePtr> parse_bcrypt(std::string_view encoded);
bool looks_like_bcrypt(std::string_view encoded);

}  // namespace godwit::password
