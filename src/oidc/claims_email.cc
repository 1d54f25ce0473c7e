// Scope email (OpenID Connect Core section 5.4).
#include "oidc/claims.h"
#include "oidc/scope.h"

namespace godwit::oidc {

Result<void> add_email_claims(const ClaimsInput& input, JsonObject& out) {
    const auto* human = input.user.human();
    if (!human || human->email.address.empty() || !has_scope(input.scopes, scope::kEmail)) return {};
    out.set("email", human->email.address);
    out.set("email_verified", human->email.verified());
    return {};
}

}  // namespace godwit::oidc
