// What client_credentials and jwt-bearer share: tokens of a machine user that is its own client.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/user/types.h"
#include "oidc/client_auth.h"
#include "oidc/grant.h"

namespace godwit::oidc {

/// The machine user whose key signed the assertion (RFC 7523 section 2.1, "JWT profile"). invalid_grant.
Result<user::User> prove_machine(const GrantContext& context, std::string_view assertion);

/// The machine user whose name and secret these are (RFC 6749 section 4.4). invalid_client.
Result<user::User> authenticate_machine(const Services& services, InstanceScope scope, const ClientCredentials& credentials);

/// invalid_request without scope.
Result<JsonObject> issue_for_machine(const GrantContext& context, const user::User& machine, std::vector<std::string> amr);

}  // namespace godwit::oidc
