#include "app/registrations.h"

#include "api/admin/idps.h"
#include "api/admin/import.h"
#include "api/admin/login_texts.h"
#include "api/admin/members.h"
#include "api/admin/oidc_settings.h"
#include "api/auth/health.h"
#include "api/auth/my_factors.h"
#include "api/auth/my_memberships.h"
#include "api/auth/my_user.h"
#include "api/issuer/issuers.h"
#include "api/management/apps.h"
#include "api/management/grants.h"
#include "api/management/idps.h"
#include "api/management/login_texts.h"
#include "api/management/members.h"
#include "api/management/metadata.h"
#include "api/management/orgs.h"
#include "api/management/projects.h"
#include "api/management/users.h"
#include "api/migration/migrations.h"
#include "api/oidc/oidc_service.h"
#include "api/session/sessions.h"
#include "api/settings/security.h"
#include "api/user/factors.h"
#include "api/user/users.h"
#include "api/webkey/web_keys.h"
#include "app/services.h"
#include "oidc/access_tokens.h"
#include "transport/rpc/gate.h"
#include "transport/rpc/registry.h"

namespace godwit::app {
namespace {

/// The gate took the same token a moment ago; only here it matters what application it is of.
Result<ProjectId> project_of_token(Services& s, const rpc::Call& call) {
    const auto token = TRY(s.provider.access_tokens().open_for_api(call.instance, TRY(rpc::shown_token(*call.request)), nullptr));
    return token.client ? token.client->project : ProjectId{};
}

}  // namespace

void register_rpcs(rpc::Registry& rpc, Services& s, const api::ImportLimits& import_limits, api::Migrations& migrations) {
    api::register_health(rpc);
    migrations.register_on(rpc);
    api::register_orgs(rpc, s.store, s.orgs, s.members);
    api::register_projects(rpc, s.store, s.projects, s.permissions);
    api::register_project_roles(rpc, s.projects, s.permissions);
    api::register_project_grants(rpc, s.store, s.project_grants);
    api::register_granted_projects(rpc, s.projects, s.project_grants);
    api::register_user_grants(rpc, s.user_grants, s.users, s.permissions);
    api::register_members(rpc, s.members, s.projects, s.project_grants, s.users, s.permissions);
    api::register_admin_members(rpc, s.members, s.users);
    api::register_user_metadata(rpc, s.user_metadata);
    api::register_org_metadata(rpc, s.org_metadata);
    api::register_apps(rpc, s.apps);
    api::register_management_idps(rpc, s.idps, s.login_policy_idps);
    api::register_admin_idps(rpc, s.idps, s.login_policy_idps);
    api::register_management_login_texts(rpc, s.texts);
    api::register_admin_login_texts(rpc, s.texts);
    api::register_users(rpc, s.users, s.store, s.members);
    api::register_user_creation(rpc, s.users, *s.password_check, s.instances);
    api::register_human_users(rpc, s.users, s.codes);
    api::register_user_passwords(rpc, s.passwords, s.codes, *s.password_check);
    api::register_user_factors(rpc, s.links, s.codes, s.instances);
    api::register_machine_users(rpc, s.users, s.machines);
    api::register_oidc_service(rpc, {.auth_requests = s.provider.auth_requests(),
                                     .sessions = s.sessions,
                                     .instances = s.instances,
                                     .apps = s.apps,
                                     .projects = s.projects,
                                     .permissions = s.permissions});
    api::register_sessions(rpc, s.sessions, s.users, *s.password_check, s.totp_check, s.instances, s.permissions);
    api::register_security_settings(rpc, s.settings, s.instances);
    api::register_oidc_settings(rpc, s.settings, s.instances);
    api::register_web_keys(rpc, s.signing_keys);
    api::register_issuers(rpc, s.provider.issuers(), s.signing_keys, s.instances);
    api::register_users_v2(rpc, s.users, *s.password_check, s.permissions);
    api::register_user_factors_v2(rpc, s.users, s.links, s.permissions);
    api::register_user_metadata_v2(rpc, s.users, s.user_metadata, s.permissions);
    api::register_my_user(rpc, s.users, s.user_metadata, s.user_grants);
    api::register_my_factors(rpc, s.links);
    api::register_my_memberships(rpc, s.store, s.users, [&s](const rpc::Call& call) { return project_of_token(s, call); });
    api::register_import(rpc,
                         {.store = s.store,
                          .settings = s.settings,
                          .texts = s.texts,
                          .orgs = s.orgs,
                          .idps = s.idps,
                          .users = s.users,
                          .machines = s.machines,
                          .links = s.links,
                          .metadata = s.user_metadata,
                          .projects = s.projects,
                          .project_grants = s.project_grants,
                          .user_grants = s.user_grants,
                          .apps = s.apps,
                          .members = s.members,
                          .passwords = *s.password_check},
                         import_limits);
}

}  // namespace godwit::app
