#include "oidc/person.h"

#include "directory/org/orgs.h"
#include "directory/user/users.h"
#include "oidc/scope.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "store/store.h"

namespace godwit::oidc {

Result<std::optional<user::User>> find_person(const Services& services, InstanceScope instance, UserId id, SessionId session, Time since) {
    auto user = TRY(services.users.find(user::Ref::of(instance, id)));
    if (!user || user->state != user::State::active || since.micros <= user->auth_epoch) return std::nullopt;
    const auto org = TRY(services.store.read(store::Database::directory,
                                             [&](store::Reader& db) { return org::find_org(db, OrgScope(instance, user->org)); }));
    if (!org || org->state != org::State::active) return std::nullopt;
    if (session) {
        const auto found = services.sessions.get(instance, std::to_string(session.key));
        if (!found && found.error().code == Code::not_found) return std::nullopt;
        if (!found) return std::unexpected(found.error());
    }
    return user;
}

SessionId session_that_ends(const Services& services, const Family& family) {
    return services.offline_outlives_session && has_scope(family.scopes, scope::kOfflineAccess) ? SessionId{} : family.session;
}

}  // namespace godwit::oidc
