#pragma once

#include <string_view>

#include "base/result.h"
#include "transport/rpc/registry.h"

namespace godwit::project {
class Projects;
struct Project;
}  // namespace godwit::project
namespace godwit::store {
class Store;
}

namespace godwit::api {

/// ManagementService: projects.
void register_projects(rpc::Registry& rpc, store::Store& store, project::Projects& projects, rpc::Permissions& permissions);
/// ManagementService: the roles of projects.
void register_project_roles(rpc::Registry& rpc, project::Projects& projects, rpc::Permissions& permissions);

/// A project of another organization than the call's is there only for who has `permission` where it belongs: to others it is unknown.
Result<bool> may_see(const rpc::Call& call, const project::Project& project, std::string_view permission, rpc::Permissions& permissions);

}  // namespace godwit::api
