#include <array>

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/management/projects.h"
#include "api/management/projects_encode.h"
#include "directory/project/projects.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

/// The changes of a project's own roles.
void register_changes(rpc::Registry& rpc, project::Projects& projects) {
    rpc.on(method("AddProjectRole"), {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddProjectRoleRequest& request, pb::AddProjectRoleResponse& response) -> Result<void> {
               const std::array roles = {
                   project::Role{.key = request.role_key(), .display_name = request.display_name(), .group = request.group()}};
               encode_created(TRY(projects.add_roles(call.org(), editor_of(call, kService), request.project_id(), roles)),
                              *response.mutable_details());
               return {};
           });

    rpc.on(method("BulkAddProjectRoles"), {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::BulkAddProjectRolesRequest& request,
               pb::BulkAddProjectRolesResponse& response) -> Result<void> {
               std::vector<project::Role> roles;
               for (const auto& role : request.roles())
                   roles.push_back({.key = role.key(), .display_name = role.display_name(), .group = role.group()});
               const auto change = TRY(projects.add_roles(call.org(), editor_of(call, kService), request.project_id(), roles));
               response.mutable_details()->set_resource_owner(change.resource_owner);  // as recorded: nothing else
               return {};
           });

    on_change<pb::UpdateProjectRoleRequest, pb::UpdateProjectRoleResponse>(
        rpc, method("UpdateProjectRole"), {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) -> Result<directory::Change> {
            const project::Role role{.key = request.role_key(), .display_name = request.display_name(), .group = request.group()};
            return projects.update_role(call.org(), editor_of(call, kService), request.project_id(), role);
        });

    on_change<pb::RemoveProjectRoleRequest, pb::RemoveProjectRoleResponse>(
        rpc, method("RemoveProjectRole"), {.lane = Lane::write}, [&](const rpc::Call& call, const auto& request) {
            return projects.remove_role(call.org(), editor_of(call, kService), request.project_id(), request.role_key());
        });
}

}  // namespace

void register_project_roles(rpc::Registry& rpc, project::Projects& projects, rpc::Permissions& permissions) {
    register_changes(rpc, projects);

    rpc.on(method("ListProjectRoles"), {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListProjectRolesRequest& request, pb::ListProjectRolesResponse& response) -> Result<void> {
               directory::Listed<project::Role> listed;
               const auto project = TRY(projects.find(call.instance, request.project_id()));
               if (project && TRY(may_see(call, *project, "project.role.read", permissions)))
                   listed = TRY(projects.roles(call.instance, request.project_id(), decode(request.queries()), decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& role : listed.rows) encode(role, project->org_id, *response.add_result());
               return {};
           });
}

}  // namespace godwit::api
