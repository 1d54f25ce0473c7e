// The crypt(3) family that libxcrypt computes: md5-crypt, sha256-crypt, sha512-crypt, yescrypt, gost-yescrypt, scrypt-crypt.
#pragma once

#include "credentials/password/scheme.h"

namespace godwit::password {

/// "$1$", "$5$", "$6$", "$y$", "$gy$", "$7$".
bool looks_like_crypt(std::string_view encoded);
Result<RecipePtr> parse_crypt(std::string_view encoded);

}  // namespace godwit::password
