// Who may sign in to an application: what its project asks for besides a proved identity.
#pragma once

#include "base/result.h"
#include "directory/user/types.h"
#include "oidc/client.h"

namespace godwit::oidc {

struct Services;

/// permission_denied OIDC-Prj01 where the project is for organizations that hold it and the user's does not, OIDC-Rol01 where it is for
/// users with a role and this one has none.
Result<void> check_may_sign_in(const Services& services, InstanceScope scope, const Client& client, const user::User& user);

}  // namespace godwit::oidc
