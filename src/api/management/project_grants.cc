#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "api/management/grants.h"
#include "api/management/projects_encode.h"
#include "directory/project/grants.h"
#include "directory/removal/removal.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
namespace v1 = zitadel::project::v1;
using rpc::Call;

constexpr std::string_view kService = "Management-API";
const rpc::Options kRead{.lane = Lane::read}, kWrite{.lane = Lane::write};

std::string method(std::string_view name) { return "zitadel.management.v1.ManagementService/" + std::string(name); }

template <class Request>
project::GrantRef ref_of(const Call& call, const Request& request) {
    return {.owner = call.org(), .project_id = request.project_id(), .grant_id = request.grant_id()};
}

template <class Request>
project::RoleKeys roles_of(const Request& request) {
    return {request.role_keys().begin(), request.role_keys().end()};
}

/// The conditions that both lists of grants have.
template <class Query>
void decode(const Query& query, project::GrantFilter& filter) {
    if (query.has_project_name_query())
        filter.project_names.push_back(text_filter(query.project_name_query().name(), query.project_name_query()));
    if (query.has_role_key_query()) filter.role_keys.push_back(text_filter(query.role_key_query().role_key(), query.role_key_query()));
}

template <class Response>
void encode_grants(const directory::Listed<project::Grant>& listed, const Call& call, Response& response) {
    encode_list(listed.total, call, *response.mutable_details());
    for (const auto& grant : listed.rows) encode(grant, *response.add_result());
}

void register_reads(rpc::Registry& rpc, project::Grants& grants) {
    rpc.on(method("GetProjectGrantByID"), kRead,
           [&](const Call& call, const pb::GetProjectGrantByIDRequest& request, pb::GetProjectGrantByIDResponse& response) -> Result<void> {
               encode(TRY(grants.get(ref_of(call, request))), *response.mutable_project_grant());
               return {};
           });
    rpc.on(method("ListProjectGrants"), kRead,
           [&](const Call& call, const pb::ListProjectGrantsRequest& request, pb::ListProjectGrantsResponse& response) -> Result<void> {
               project::GrantFilter filter{.project_ids = {request.project_id()}};
               for (const auto& query : request.queries()) decode(query, filter);
               encode_grants(TRY(grants.list(call.org(), filter, api::decode(request.query()))), call, response);
               return {};
           });
    rpc.on(
        method("ListAllProjectGrants"), kRead,
        [&](const Call& call, const pb::ListAllProjectGrantsRequest& request, pb::ListAllProjectGrantsResponse& response) -> Result<void> {
            project::GrantFilter filter;
            for (const auto& query : request.queries()) {
                decode(query, filter);
                if (query.has_project_id_query()) filter.project_ids.push_back(query.project_id_query().project_id());
                if (query.has_granted_org_id_query()) filter.granted_org_ids.push_back(query.granted_org_id_query().granted_org_id());
            }
            encode_grants(TRY(grants.list(call.org(), filter, api::decode(request.query()))), call, response);
            return {};
        });
}

}  // namespace

void register_project_grants(rpc::Registry& rpc, store::Store& store, project::Grants& grants) {
    register_reads(rpc, grants);

    rpc.on(method("AddProjectGrant"), kWrite,
           [&](const Call& call, const pb::AddProjectGrantRequest& request, pb::AddProjectGrantResponse& response) -> Result<void> {
               const project::NewGrant wanted{
                   .project_id = request.project_id(), .granted_org_id = request.granted_org_id(), .roles = roles_of(request)};
               const auto grant = TRY(grants.add(call.org(), wanted, editor_of(call, kService)));
               response.set_grant_id(grant.id);
               encode_created(grant.stamp, grant.owner_id, *response.mutable_details());
               return {};
           });
    on_change<pb::UpdateProjectGrantRequest, pb::UpdateProjectGrantResponse>(
        rpc, method("UpdateProjectGrant"), kWrite, [&](const Call& call, const auto& request) {
            return grants.update(ref_of(call, request), roles_of(request), editor_of(call, kService));
        });
    on_change<pb::DeactivateProjectGrantRequest, pb::DeactivateProjectGrantResponse>(
        rpc, method("DeactivateProjectGrant"), kWrite,
        [&](const Call& call, const auto& request) { return grants.deactivate(ref_of(call, request), editor_of(call, kService)); });
    on_change<pb::ReactivateProjectGrantRequest, pb::ReactivateProjectGrantResponse>(
        rpc, method("ReactivateProjectGrant"), kWrite,
        [&](const Call& call, const auto& request) { return grants.reactivate(ref_of(call, request), editor_of(call, kService)); });
    on_change<pb::RemoveProjectGrantRequest, pb::RemoveProjectGrantResponse>(
        rpc, method("RemoveProjectGrant"), kWrite, [&](const Call& call, const auto& request) {
            return removal::remove_project_grant(store, ref_of(call, request), editor_of(call, kService));
        });
}

void register_granted_projects(rpc::Registry& rpc, project::Projects& projects, project::Grants& grants) {
    rpc.on(method("GetGrantedProjectByID"), kRead,
           [&](const Call& call, const pb::GetGrantedProjectByIDRequest& request,
               pb::GetGrantedProjectByIDResponse& response) -> Result<void> {
               encode(TRY(grants.get_granted(call.org(), request.project_id(), request.grant_id())), *response.mutable_granted_project());
               return {};
           });
    rpc.on(method("ListGrantedProjects"), kRead,
           [&](const Call& call, const pb::ListGrantedProjectsRequest& request, pb::ListGrantedProjectsResponse& response) -> Result<void> {
               project::Filter asked = api::decode(request.queries());
               const project::GrantFilter filter{.project_names = std::move(asked.names), .owner_ids = std::move(asked.owners)};
               encode_grants(TRY(grants.list_granted(call.org(), filter, api::decode(request.query()))), call, response);
               return {};
           });
    rpc.on(method("ListGrantedProjectRoles"), kRead,
           [&](const Call& call, const pb::ListGrantedProjectRolesRequest& request,
               pb::ListGrantedProjectRolesResponse& response) -> Result<void> {
               const auto grant = TRY(grants.get_granted(call.org(), request.project_id(), request.grant_id()));
               project::RoleFilter filter = api::decode(request.queries());
               filter.within = grant.roles;
               const auto listed = TRY(projects.roles(call.instance, grant.project_id, filter, api::decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& role : listed.rows) encode(role, grant.owner_id, *response.add_result());
               return {};
           });
}

}  // namespace godwit::api
