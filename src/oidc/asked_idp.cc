#include "oidc/asked_idp.h"

#include <algorithm>

#include "directory/idp/idps.h"
#include "directory/instance/instances.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "oidc/asked_org.h"
#include "oidc/oauth_error.h"
#include "oidc/scope.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {

bool asks_for_idp(std::span<const std::string> scopes) { return !with_prefix(scopes, scope::kIdpPrefix).empty(); }

Result<void> check_asked_idp(const Services& services, InstanceScope scope, std::span<const std::string> scopes) {
    const auto asked = with_prefix(scopes, scope::kIdpPrefix);
    if (asked.empty()) return {};
    if (asked.size() > 1) return oauth_fail(kInvalidScope, "the scopes name more than one identity provider");
    const auto org = TRY(find_asked_org(services.orgs, scope, scopes));
    const OrgScope of(scope, org.org ? org.org->key : TRY(services.instances.get(scope)).default_org);
    const auto found =
        TRY(services.store.read(store::Database::directory, [&](store::Reader& db) { return idp::find_idp(db, of, asked.front()); }));
    if (!found || (found->owner && found->owner != of.org()))
        return oauth_fail(kInvalidScope, "the identity provider that the scope names is none of the organization's or the instance's");
    if (found->state != idp::State::active) return oauth_fail(kInvalidScope, "the identity provider that the scope names is not active");
    const auto policy = TRY(services.settings.get<settings::v1::LoginPolicy>(of)).value;
    if (!policy.allow_external_idp() || std::ranges::find(policy.idps(), found->key.key) == policy.idps().end())
        return oauth_fail(kInvalidScope, "the login policy does not offer the identity provider that the scope names");
    return {};
}

}  // namespace godwit::oidc
