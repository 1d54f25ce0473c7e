#include "api/management/members.h"

#include "api/encode/member_calls.h"
#include "api/management/users_encode.h"
#include "directory/project/grants.h"
#include "directory/project/projects.h"
#include "directory/user/users.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
using member::Place;
using rpc::Call;

struct OrgMessages {
    using Add = pb::AddOrgMemberRequest;
    using Added = pb::AddOrgMemberResponse;
    using Update = pb::UpdateOrgMemberRequest;
    using Updated = pb::UpdateOrgMemberResponse;
    using Remove = pb::RemoveOrgMemberRequest;
    using Removed = pb::RemoveOrgMemberResponse;
    using List = pb::ListOrgMembersRequest;
    using Listed = pb::ListOrgMembersResponse;
};

struct ProjectMessages {
    using Add = pb::AddProjectMemberRequest;
    using Added = pb::AddProjectMemberResponse;
    using Update = pb::UpdateProjectMemberRequest;
    using Updated = pb::UpdateProjectMemberResponse;
    using Remove = pb::RemoveProjectMemberRequest;
    using Removed = pb::RemoveProjectMemberResponse;
    using List = pb::ListProjectMembersRequest;
    using Listed = pb::ListProjectMembersResponse;
};

struct ProjectGrantMessages {
    using Add = pb::AddProjectGrantMemberRequest;
    using Added = pb::AddProjectGrantMemberResponse;
    using Update = pb::UpdateProjectGrantMemberRequest;
    using Updated = pb::UpdateProjectGrantMemberResponse;
    using Remove = pb::RemoveProjectGrantMemberRequest;
    using Removed = pb::RemoveProjectGrantMemberResponse;
    using List = pb::ListProjectGrantMembersRequest;
    using Listed = pb::ListProjectGrantMembersResponse;
};

constexpr std::int64_t kNowhere = -1;

/// A project of the organization of the call.
Result<Place> project_of(const Call& call, const std::string& id, const project::Projects& projects) {
    const auto project = TRY(projects.find(call.instance, id));
    return Place::project(project && project->org == call.org_id ? project->key : ProjectId(kNowhere));
}

/// A grant that the organization of the call gave, or holds: both sides name who manages it.
Result<Place> grant_of(const Call& call, const std::string& project_id, const std::string& grant_id, const project::Grants& grants) {
    auto grant = grants.get({.owner = call.org(), .project_id = project_id, .grant_id = grant_id});
    if (!grant && grant.error().code == Code::not_found) grant = grants.get_granted(call.org(), project_id, grant_id);
    if (grant) return Place::project_grant(grant->key);
    if (grant.error().code != Code::not_found) return std::unexpected(grant.error());
    return Place::project_grant(kNowhere);
}

}  // namespace

void register_members(rpc::Registry& rpc, member::Members& members, project::Projects& projects, project::Grants& grants,
                      user::Users& users, rpc::Permissions& permissions) {
    using Kind = member::ScopeKind;
    const auto service = [&](std::string_view noun, Kind kind) -> MemberService {
        return {.rpc = rpc,
                .members = members,
                .name = "zitadel.management.v1.ManagementService",
                .editor = "Management-API",
                .noun = noun,
                .kind = kind,
                .users = users,
                .newcomer = [&](const Call& call, const std::string& id) { return reachable_user(call, id, users, permissions); }};
    };
    const auto org = [](const Call& call, const auto&) -> Result<Place> { return Place::organization(call.org_id); };
    const auto project = [&](const Call& call, const auto& request) { return project_of(call, request.project_id(), projects); };
    const auto grant = [&](const Call& call, const auto& request) {
        return grant_of(call, request.project_id(), request.grant_id(), grants);
    };

    const auto of_org = service("OrgMember", Kind::organization);
    on_member_changes<OrgMessages>(of_org, org);
    on_member_list<OrgMessages>(of_org, org);
    on_member_roles<pb::ListOrgMemberRolesRequest, pb::ListOrgMemberRolesResponse>(of_org);

    const auto of_project = service("ProjectMember", Kind::project);
    on_member_changes<ProjectMessages>(of_project, project);
    on_member_list<ProjectMessages>(of_project, project);
    on_member_roles<pb::ListProjectMemberRolesRequest, pb::ListProjectMemberRolesResponse>(of_project);

    const auto of_grant = service("ProjectGrantMember", Kind::project_grant);
    on_member_changes<ProjectGrantMessages>(of_grant, grant);
    on_member_list<ProjectGrantMessages>(of_grant, grant);
    on_member_roles<pb::ListProjectGrantMemberRolesRequest, pb::ListProjectGrantMemberRolesResponse>(of_grant);
}

}  // namespace godwit::api
