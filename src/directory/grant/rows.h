// How rows of user_grants are found and read. Internal to this folder.
#pragma once

#include "directory/grant/user_grants.h"

namespace godwit::grant {

/// nullopt: there is none, or not of this organization, or not of this user.
Result<std::optional<UserGrant>> find_grant(store::Reader& db, const GrantRef& ref);

}  // namespace godwit::grant
