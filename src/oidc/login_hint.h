// OpenID Connect Core 3.1.2.1, login_hint: which of the accounts of a browser an application means.
#pragma once

#include <string_view>

#include "directory/user/types.h"

namespace godwit::oidc {

/// Whether the hint is one of the user's login names, or the e-mail address. Letter case and forms of letters do not matter.
bool is_called(const user::User& user, std::string_view hint);

}  // namespace godwit::oidc
