#include "api/management/projects.h"

#include <array>

#include "api/encode/encode.h"
#include "directory/project/projects.h"
#include "directory/removal/removal.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
constexpr std::string_view kService = "Management-API";

void encode(const project::Project& project, zitadel::project::v1::Project& message) {
    message.set_id(project.id);
    api::encode(project.stamp, project.org_id, *message.mutable_details());
    message.set_name(project.name);
    message.set_state(static_cast<zitadel::project::v1::ProjectState>(project.state));
    message.set_project_role_assertion(project.flags.role_assertion);
    message.set_project_role_check(project.flags.role_check);
    message.set_has_project_check(project.flags.has_project_check);
    message.set_private_labeling_setting(static_cast<zitadel::project::v1::PrivateLabelingSetting>(project.flags.private_labeling));
}

project::Filter decode(const google::protobuf::RepeatedPtrField<zitadel::project::v1::ProjectQuery>& queries) {
    project::Filter filter;
    for (const auto& query : queries) {
        if (query.has_name_query()) filter.names.push_back(text_filter(query.name_query().name(), query.name_query()));
        if (query.has_project_resource_owner_query()) filter.owners.push_back(query.project_resource_owner_query().resource_owner());
    }
    return filter;
}

/// A project of another organization than the call's is there only for who may read it where it belongs: to others it is unknown.
Result<bool> visible(const rpc::Call& call, const project::Project& project, rpc::Permissions& permissions) {
    if (project.org == call.org_id) return true;
    const auto allowed = permissions.check(call.instance, call.caller, "project.read", project.org, project.id);
    if (!allowed && allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
    return allowed.has_value();
}

}  // namespace

void register_projects(rpc::Registry& rpc, store::Store& store, project::Projects& projects, rpc::Permissions& permissions) {
    rpc.on("zitadel.management.v1.ManagementService/AddProject", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddProjectRequest& request, pb::AddProjectResponse& response) -> Result<void> {
               const project::NewProject wanted{
                   .name = request.name(),
                   .flags = {.role_assertion = request.project_role_assertion(),
                             .role_check = request.project_role_check(),
                             .has_project_check = request.has_project_check(),
                             .private_labeling = static_cast<project::PrivateLabeling>(request.private_labeling_setting())}};
               const auto project = TRY(projects.create(call.org(), editor_of(call, kService), wanted));
               response.set_id(project.id);
               encode_created(project.stamp, project.org_id, *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetProjectByID", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetProjectByIDRequest& request, pb::GetProjectByIDResponse& response) -> Result<void> {
               const auto project = TRY(projects.find(call.instance, request.id()));
               if (!project || !TRY(visible(call, *project, permissions)))
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

    rpc.on("zitadel.management.v1.ManagementService/RemoveProject", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::RemoveProjectRequest& request, pb::RemoveProjectResponse& response) -> Result<void> {
               encode_changed(TRY(removal::remove_project(store, call.org(), editor_of(call, kService), request.id())),
                              *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/AddProjectRole", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddProjectRoleRequest& request, pb::AddProjectRoleResponse& response) -> Result<void> {
               const std::array roles = {
                   project::Role{.key = request.role_key(), .display_name = request.display_name(), .group = request.group()}};
               encode_created(TRY(projects.add_roles(call.org(), editor_of(call, kService), request.project_id(), roles)),
                              *response.mutable_details());
               return {};
           });
}

}  // namespace godwit::api
