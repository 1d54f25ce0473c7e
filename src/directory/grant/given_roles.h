// Which roles a user holds now, for tokens and for what is told of them: one range of rows by user, nothing that only lists show.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/project/role_list.h"

namespace godwit::store {
class Reader;
}

namespace godwit::grant {

/// Roles of one project that one organization gives.
struct GivenRoles {
    ProjectId project;
    std::string project_id;   ///< as the contract shows it
    project::RoleKeys roles;  ///< never empty
    OrgId org;
    std::string org_id, org_domain;
};

/// What is in effect of the user's grants in these projects: grant, organizations, project and its grant to the organization are active,
/// and the roles are still there.
Result<std::vector<GivenRoles>> given_roles(store::Reader& db, InstanceScope scope, UserId user, std::span<const ProjectId> projects);

}  // namespace godwit::grant
