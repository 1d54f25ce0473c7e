#pragma once

#include "transport/rpc/registry.h"

namespace godwit::grant {
class UserGrants;
}
namespace godwit::project {
class Grants;
class Projects;
}  // namespace godwit::project
namespace godwit::store {
class Store;
}
namespace godwit::user {
class Users;
}

namespace godwit::api {

/// ManagementService: grants of the organization's projects to others.
void register_project_grants(rpc::Registry& rpc, store::Store& store, project::Grants& grants);
/// ManagementService: what was granted to the organization.
void register_granted_projects(rpc::Registry& rpc, project::Projects& projects, project::Grants& grants);
/// ManagementService: grants of users.
void register_user_grants(rpc::Registry& rpc, grant::UserGrants& grants, user::Users& users, rpc::Permissions& permissions);

}  // namespace godwit::api
