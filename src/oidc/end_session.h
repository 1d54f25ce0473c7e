// Where a person may be sent after signing out.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::oidc {

class Clients;

/// Whether the client registered `uri` for this (RP-Initiated Logout section 3). The sign-out page, which is
/// given post_logout_redirect, client_id and state as parameters, must ask this before it sends anyone there.
Result<bool> is_post_logout_uri(const Clients& clients, InstanceScope scope, std::string_view client_id, std::string_view uri);

}  // namespace godwit::oidc
