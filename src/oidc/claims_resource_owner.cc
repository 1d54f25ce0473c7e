// Scope urn:zitadel:iam:user:resourceowner: the organization the user belongs to.
#include "directory/org/orgs.h"
#include "oidc/claims.h"
#include "oidc/scope.h"
#include "oidc/services.h"

namespace godwit::oidc {

void set_resource_owner(const org::Org& org, JsonObject& out) {
    const std::string prefix(scope::kResourceOwner);
    if (out.has(prefix + ":id")) return;
    out.set(prefix + ":id", org.id);
    out.set(prefix + ":name", org.name);
    out.set(prefix + ":primary_domain", org.primary_domain);
}

Result<void> add_resource_owner_claims(const ClaimsInput& input, JsonObject& out) {
    if (!has_scope(input.scopes, scope::kResourceOwner)) return {};
    set_resource_owner(TRY(input.services.orgs.get(OrgScope(input.scope, input.user.org))), out);
    return {};
}

}  // namespace godwit::oidc
