// Where a person may be sent after signing out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace godwit::oidc {

class Clients;

/// `uri` with `state`, when the client registered it for this (RP-Initiated Logout section 3); nullopt otherwise. The sign-out page is
/// given all three as parameters (post_logout_redirect, client_id, state), which anybody can make up: it asks here before it sends
/// anyone there.
Result<std::optional<std::string>> post_logout_address(const Clients& clients, InstanceScope scope, std::string_view client_id,
                                                       std::string_view uri, std::string_view state);

}  // namespace godwit::oidc
