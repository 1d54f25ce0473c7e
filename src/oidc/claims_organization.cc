// Scopes urn:zitadel:iam:org:id:{id} and urn:zitadel:iam:org:domain:primary:{domain}: the organization that was asked for. At sign-in they
// decide who may come in; here they are answered only where they are true, for a token of a machine never came by that way.
#include <algorithm>

#include "directory/org/orgs.h"
#include "oidc/claims.h"
#include "oidc/scope.h"
#include "oidc/services.h"

namespace godwit::oidc {

Result<void> add_organization_claims(const ClaimsInput& input, JsonObject& out) {
    const auto ids = with_prefix(input.scopes, scope::kOrgIdPrefix), domains = with_prefix(input.scopes, scope::kOrgDomainPrefix);
    if (ids.empty() && domains.empty()) return {};
    const auto org = TRY(input.services.orgs.get(OrgScope(input.scope, input.user.org)));
    const auto claim = [](std::string_view prefix) { return prefix.substr(0, prefix.size() - 1); };
    if (std::ranges::find(domains, org.primary_domain) != domains.end()) out.set(claim(scope::kOrgDomainPrefix), org.primary_domain);
    if (std::ranges::find(ids, org.id) == ids.end()) return {};
    out.set(claim(scope::kOrgIdPrefix), org.id);
    set_resource_owner(org, out);
    return {};
}

}  // namespace godwit::oidc
