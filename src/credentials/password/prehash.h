// Schemes that change the password before an ordinary one hashes it (WordPress, Django's and passlib's bcrypt over a digest).
#pragma once

#include "credentials/password/scheme.h"

namespace godwit::password {

/// Any bytes in, bytes out.
using Prehash = std::string (*)(std::string_view password, std::string_view detail);

/// `inner` over prehash(password, detail); `name` replaces its algorithm's name.
RecipePtr prehashed(std::string name, Prehash prehash, std::string detail, RecipePtr inner);

}  // namespace godwit::password
