#include "oidc/sign_in_rules.h"

#include <span>

#include "directory/grant/given_roles.h"
#include "directory/project/holding.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {

Result<void> check_may_sign_in(const Services& services, InstanceScope scope, const Client& client, const user::User& user) {
    if (!client.project_checks_orgs && !client.project_checks_roles) return {};
    return services.store.read(store::Database::directory, [&](store::Reader& db) -> Result<void> {
        if (client.project_checks_orgs) {
            const auto held = TRY(project::find_holding(db, OrgScope(scope, user.org), client.project_id, ""));
            if (!held || !held->active) return fail(Code::permission_denied, "OIDC-Prj01", "Errors.User.ProjectRequired");
        }
        if (client.project_checks_roles && TRY(grant::given_roles(db, scope, user.id, std::span(&client.project, 1))).empty())
            return fail(Code::permission_denied, "OIDC-Rol01", "Errors.User.GrantRequired");
        return {};
    });
}

}  // namespace godwit::oidc
