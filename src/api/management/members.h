#pragma once

#include "transport/rpc/registry.h"

namespace godwit::member {
class Members;
}
namespace godwit::project {
class Grants;
class Projects;
}  // namespace godwit::project
namespace godwit::user {
class Users;
}

namespace godwit::api {

/// ManagementService: who manages the organization, its projects, and its part in grants of projects.
void register_members(rpc::Registry& rpc, member::Members& members, project::Projects& projects, project::Grants& grants,
                      user::Users& users, rpc::Permissions& permissions);

}  // namespace godwit::api
