#pragma once

#include "transport/rpc/registry.h"

namespace godwit::project {
class Projects;
}
namespace godwit::store {
class Store;
}

namespace godwit::api {

/// ManagementService: projects and their roles.
void register_projects(rpc::Registry& rpc, store::Store& store, project::Projects& projects, rpc::Permissions& permissions);

}  // namespace godwit::api
