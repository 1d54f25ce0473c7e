// RFC 7523 section 2.1, by a machine user with a key ("JWT profile"): the assertion is the grant and the proof in one.
#include "oidc/grant.h"
#include "oidc/machine_tokens.h"
#include "oidc/oauth_error.h"

namespace godwit::oidc {

Result<JsonObject> jwt_bearer_grant(const GrantContext& context) {
    const auto assertion = context.parameters.get("assertion");
    if (assertion.empty()) return oauth_fail(kInvalidRequest, "assertion missing");
    return issue_for_machine(context, TRY(prove_machine(context, assertion)), {});
}

}  // namespace godwit::oidc
