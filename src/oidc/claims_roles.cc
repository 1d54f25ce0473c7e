// Roles of the user: role → the organization that gives it → its primary domain. Three shapes of one answer, as the contract's clients
// read them: of the client's own project (…:project:roles), of one project (…:project:{id}:roles) and of all that may be told
// (…:projects:roles).
#include <algorithm>
#include <map>
#include <vector>

#include "directory/grant/given_roles.h"
#include "directory/project/projects.h"
#include "oidc/claims.h"
#include "oidc/clients.h"
#include "oidc/scope.h"
#include "oidc/services.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

using GivenBy = std::map<std::string, std::string>;  // organization → primary domain
using Roles = std::map<std::string, GivenBy>;

JsonObject to_json(const Roles& roles) {
    JsonObject out;
    for (const auto& [role, given_by] : roles) {
        JsonObject orgs;
        for (const auto& [org, domain] : given_by) orgs.set(org, domain);
        out.set(role, orgs);
    }
    return out;
}

/// What scopes and configuration ask for.
struct Wish {
    std::vector<ProjectId> projects;
    std::vector<std::string> own_roles;  ///< of the client's project only these; empty: all
    std::vector<std::string> orgs;       ///< only what these give; empty: whoever
};

Result<Wish> wish_of(const ClaimsInput& input) {
    Wish wish{.projects = {},
              .own_roles = with_prefix(input.scopes, scope::kRolePrefix),
              .orgs = with_prefix(input.scopes, scope::kRolesOfOrgPrefix)};
    const bool all = has_scope(input.scopes, scope::kProjectsRoles);
    const auto& client = input.roles;
    if (client.project && (client.asserted || all || !wish.own_roles.empty())) wish.projects.push_back(client.project);
    if (!all || client.only_project) return wish;
    const Clients clients(input.services);
    for (const auto& id : TRY(clients.project_audience(input.scope, {input.scopes.begin(), input.scopes.end()})))
        if (const auto project = TRY(input.services.projects.find(input.scope, id)); project && project->key != client.project)
            wish.projects.push_back(project->key);
    return wish;
}

}  // namespace

Result<void> add_role_claims(const ClaimsInput& input, JsonObject& out) {
    if (!input.roles.wanted) return {};
    const auto wish = TRY(wish_of(input));
    if (wish.projects.empty()) return {};
    const auto given = TRY(input.services.store.read(
        store::Database::directory, [&](store::Reader& db) { return grant::given_roles(db, input.scope, input.user.id, wish.projects); }));

    const auto admits = [](const std::vector<std::string>& list, const std::string& one) {
        return list.empty() || std::ranges::find(list, one) != list.end();
    };
    Roles all;
    std::map<std::string, Roles> by_project;
    std::string own;
    for (const auto& one : given) {
        if (!admits(wish.orgs, one.org_id)) continue;
        const bool is_own = one.project == input.roles.project;
        for (const auto& role : one.roles) {
            if (is_own && !admits(wish.own_roles, role)) continue;
            if (is_own) own = one.project_id;
            all[role][one.org_id] = by_project[one.project_id][role][one.org_id] = one.org_domain;
        }
    }
    if (all.empty()) return {};
    if (!own.empty()) out.set("urn:zitadel:iam:org:project:roles", to_json(by_project[own]));
    for (const auto& [project, roles] : by_project) out.set("urn:zitadel:iam:org:project:" + project + ":roles", to_json(roles));
    out.set(scope::kProjectsRoles, to_json(all));
    return {};
}

}  // namespace godwit::oidc
