#include "directory/grant/given_roles.h"

#include <algorithm>
#include <utility>

#include "directory/grant/user_grants.h"
#include "directory/object/public_id.h"
#include "directory/org/orgs.h"
#include "directory/project/holding.h"
#include "store/store.h"

namespace godwit::grant {

Result<std::vector<GivenRoles>> given_roles(store::Reader& db, InstanceScope scope, UserId user, std::span<const ProjectId> projects) {
    struct Stored {
        std::int64_t project_grant;
        GivenRoles given;
    };
    std::vector<Stored> rows;
    if (projects.empty()) return std::vector<GivenRoles>();
    TRY(db.query(scope,
                 "SELECT g.project_id, g.project_grant_id, g.roles, o.id, o.public_id, o.primary_domain FROM user_grants g "
                 "JOIN organizations o ON o.instance_no = g.instance_no AND o.id = g.org_id "
                 "WHERE g.instance_no = ?1 AND g.user_id = ?2 AND g.state = ?3 AND o.state = ?4 "
                 "ORDER BY g.project_id, g.project_grant_id, g.org_id",
                 {user, static_cast<std::int64_t>(State::active), static_cast<std::int64_t>(org::State::active)},
                 [&](const store::Row& row) {
                     const auto project = row.id<ProjectId>(0);
                     if (std::ranges::find(projects, project) == projects.end()) return;
                     rows.push_back({row.i64(1),
                                     {.project = project,
                                      .project_id = {},
                                      .roles = project::split_roles(row.text(2)),
                                      .org = row.id<OrgId>(3),
                                      .org_id = directory::display_id(row.i64(3), row.text(4)),
                                      .org_domain = std::string(row.text(5))}});
                 }));
    project::Holdings holdings(db, scope);
    std::vector<GivenRoles> out;
    for (auto& [project_grant, given] : rows) {
        const project::Holding* holding = TRY(holdings.of(given.project, project_grant));
        if (!holding || !holding->active) continue;
        given.project_id = holding->project.id;
        given.roles = project::common_roles(given.roles, holding->roles);
        if (!given.roles.empty()) out.push_back(std::move(given));
    }
    return out;
}

}  // namespace godwit::grant
