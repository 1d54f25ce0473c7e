#include "oidc/login_hint.h"

#include <algorithm>

#include "base/unicode.h"

namespace godwit::oidc {

bool is_called(const user::User& user, std::string_view hint) {
    const std::string wanted = fold(hint);
    if (wanted.empty()) return false;
    if (user.human() && fold(user.human()->email.address) == wanted) return true;
    return std::ranges::any_of(user.login_names, [&](const std::string& name) { return fold(name) == wanted; });
}

}  // namespace godwit::oidc
