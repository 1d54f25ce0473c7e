// Scope phone (OpenID Connect Core section 5.4).
#include "oidc/claims.h"
#include "oidc/scope.h"

namespace godwit::oidc {

Result<void> add_phone_claims(const ClaimsInput& input, JsonObject& out) {
    const auto* human = input.user.human();
    if (!human || human->phone.number.empty() || !has_scope(input.scopes, scope::kPhone)) return {};
    out.set("phone_number", human->phone.number);
    out.set("phone_number_verified", human->phone.verified());
    return {};
}

}  // namespace godwit::oidc
