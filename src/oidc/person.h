// Whether tokens may still stand for a person: what is looked at whenever one is opened or refreshed.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "directory/user/types.h"

namespace godwit::oidc {

struct Family;
struct Services;

/// The user when active, in an active organization, and not logged out everywhere since `since`, and the session (if any) not ended. A
/// session that merely ran out does not end what was issued from it: tokens have lifetimes of their own.
Result<std::optional<user::User>> find_person(const Services& services, InstanceScope instance, UserId id, SessionId session, Time since);

/// The session whose end is the end of what the family issued; none where offline access outlives it by configuration (OpenID Connect
/// Back-Channel Logout 1.0 section 2.7).
SessionId session_that_ends(const Services& services, const Family& family);

}  // namespace godwit::oidc
