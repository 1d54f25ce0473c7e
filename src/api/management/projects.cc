#include "api/management/projects.h"

#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/management/projects_encode.h"
#include "directory/project/projects.h"
#include "directory/removal/removal.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

/// What the messages that make and change a project have alike.
template <class Request>
project::Flags flags_of(const Request& request) {
    return {.role_assertion = request.project_role_assertion(),
            .role_check = request.project_role_check(),
            .has_project_check = request.has_project_check(),
            .private_labeling = static_cast<project::PrivateLabeling>(request.private_labeling_setting())};
}

}  // namespace

Result<bool> may_see(const rpc::Call& call, const project::Project& project, std::string_view permission, rpc::Permissions& permissions) {
    if (project.org == call.org_id) return true;
    const auto allowed = permissions.check(call.instance, call.caller, permission, project.org, project.id);
    if (!allowed && allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
    return allowed.has_value();
}

void register_projects(rpc::Registry& rpc, store::Store& store, project::Projects& projects, rpc::Permissions& permissions) {
    rpc.on("zitadel.management.v1.ManagementService/AddProject", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddProjectRequest& request, pb::AddProjectResponse& response) -> Result<void> {
               const auto project =
                   TRY(projects.create(call.org(), editor_of(call, kService), {.name = request.name(), .flags = flags_of(request)}));
               response.set_id(project.id);
               encode_created(project.stamp, project.org_id, *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetProjectByID", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetProjectByIDRequest& request, pb::GetProjectByIDResponse& response) -> Result<void> {
               const auto project = TRY(projects.find(call.instance, request.id()));
               if (!project || !TRY(may_see(call, *project, "project.read", permissions)))
                   return fail(Code::not_found, "QUERY-fk2fs", "Project could not be found");
               encode(*project, *response.mutable_project());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/ListProjects", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListProjectsRequest& request, pb::ListProjectsResponse& response) -> Result<void> {
               const auto listed = TRY(projects.list(call.org(), decode(request.queries()), api::decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& project : listed.rows) encode(project, *response.add_result());
               return {};
           });

    on_change<pb::UpdateProjectRequest, pb::UpdateProjectResponse>(
        rpc, "zitadel.management.v1.ManagementService/UpdateProject", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) {
            return projects.update(call.org(), editor_of(call, kService), request.id(), request.name(), flags_of(request));
        });

    on_change<pb::DeactivateProjectRequest, pb::DeactivateProjectResponse>(
        rpc, "zitadel.management.v1.ManagementService/DeactivateProject", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) {
            return projects.deactivate(call.org(), editor_of(call, kService), request.id());
        });

    on_change<pb::ReactivateProjectRequest, pb::ReactivateProjectResponse>(
        rpc, "zitadel.management.v1.ManagementService/ReactivateProject", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) {
            return projects.reactivate(call.org(), editor_of(call, kService), request.id());
        });

    on_change<pb::RemoveProjectRequest, pb::RemoveProjectResponse>(rpc, "zitadel.management.v1.ManagementService/RemoveProject",
                                                                   {.lane = Lane::write}, [&](const rpc::Call& call, const auto& request) {
                                                                       return removal::remove_project(
                                                                           store, call.org(), editor_of(call, kService), request.id());
                                                                   });
}

}  // namespace godwit::api
