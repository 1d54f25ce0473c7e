#include "api/auth/my_memberships.h"

#include <set>

#include "api/encode/encode.h"
#include "api/encode/members.h"
#include "directory/grant/given_roles.h"
#include "directory/member/permissions.h"
#include "directory/user/users.h"
#include "store/store.h"
#include "zitadel/auth.pb.h"

namespace godwit::api {
namespace {

namespace auth = zitadel::auth::v1;
using rpc::Call;

constexpr std::string_view kService = "zitadel.auth.v1.AuthService/";
const rpc::Options kMine{.lane = Lane::read, .rule = rpc::Rule::caller()};

Result<std::shared_ptr<const member::Memberships>> memberships_of(store::Store& store, const Call& call) {
    if (call.caller.memberships) return std::static_pointer_cast<const member::Memberships>(call.caller.memberships);
    return store.read(store::Database::directory,
                      [&](store::Reader& db) { return member::read_memberships(db, call.instance, call.caller.user); });
}

/// What holds for one project or grant only is told with its id: "project.write:123".
void add_of_parts(const member::Memberships& memberships, auth::ListMyZitadelPermissionsResponse& response) {
    for (const auto& membership : memberships) {
        const auto kind = membership.place.kind;
        if (kind != member::ScopeKind::project && kind != member::ScopeKind::project_grant) continue;
        for (const auto& name : member::names_of(membership.permissions)) response.add_result(name + ":" + membership.place_id);
    }
}

}  // namespace

void register_my_memberships(rpc::Registry& rpc, store::Store& store, user::Users& users, ProjectOfToken project_of_token) {
    rpc.on(std::string(kService) + "ListMyMemberships", kMine,
           [&](const Call& call, const auth::ListMyMembershipsRequest& request, auth::ListMyMembershipsResponse& response) -> Result<void> {
               const auto me = TRY(users.get(user::Ref::of(call.instance, call.caller.user)));
               const auto memberships = TRY(memberships_of(store, call));
               const auto listed = select(*memberships, request.queries(), decode(request.query()));
               encode_list(listed.total, call, *response.mutable_details());
               for (const member::Membership* membership : listed.rows) encode(*membership, me, *response.add_result());
               return {};
           });
    rpc.on(std::string(kService) + "ListMyZitadelPermissions", kMine,
           [&](const Call& call, const auth::ListMyZitadelPermissionsRequest&,
               auth::ListMyZitadelPermissionsResponse& response) -> Result<void> {
               const auto memberships = TRY(memberships_of(store, call));
               for (auto& name : member::names_of(member::permissions_in(*memberships, call.org_id))) response.add_result(std::move(name));
               add_of_parts(*memberships, response);
               return {};
           });
    rpc.on(std::string(kService) + "ListMyProjectPermissions", kMine,
           [&store, project_of_token](const Call& call, const auth::ListMyProjectPermissionsRequest&,
                                      auth::ListMyProjectPermissionsResponse& response) -> Result<void> {
               const ProjectId project = TRY(project_of_token(call));
               if (project == ProjectId{}) return {};
               const auto given = TRY(store.read(store::Database::directory, [&](store::Reader& db) {
                   return grant::given_roles(db, call.instance, call.caller.user, std::span(&project, 1));
               }));
               std::set<std::string> roles;
               for (const auto& by : given)
                   if (by.org == call.org_id) roles.insert(by.roles.begin(), by.roles.end());
               for (const auto& role : roles) response.add_result(role);
               return {};
           });
}

}  // namespace godwit::api
