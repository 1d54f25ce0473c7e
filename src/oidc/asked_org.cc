#include "oidc/asked_org.h"

#include "oidc/scope.h"

namespace godwit::oidc {

Result<AskedOrg> find_asked_org(const org::Orgs& orgs, InstanceScope scope, std::span<const std::string> scopes) {
    for (const std::string_view name : scopes) {
        if (name.starts_with(scope::kOrgIdPrefix))
            return AskedOrg{.named = true, .org = TRY(orgs.find(scope, name.substr(scope::kOrgIdPrefix.size())))};
        if (name.starts_with(scope::kOrgDomainPrefix))
            return AskedOrg{.named = true, .org = TRY(orgs.find_by_domain(scope, name.substr(scope::kOrgDomainPrefix.size())))};
    }
    return AskedOrg{};
}

}  // namespace godwit::oidc
