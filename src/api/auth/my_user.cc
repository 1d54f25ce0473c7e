#include "api/auth/my_user.h"

#include "api/encode/encode.h"
#include "api/encode/metadata.h"
#include "api/management/users_encode.h"
#include "directory/grant/user_grants.h"
#include "directory/user/metadata.h"
#include "directory/user/users.h"
#include "zitadel/auth.pb.h"

namespace godwit::api {
namespace {

namespace auth = zitadel::auth::v1;
using rpc::Call;

user::Ref caller_of(const Call& call) { return user::Ref::of(call.instance, call.caller.user); }

void encode(const grant::UserGrant& in, auth::UserGrant& out) {
    out.set_grant_id(in.id);
    api::encode(in.stamp, in.org.id, *out.mutable_details());
    out.set_org_id(in.org.id);
    out.set_org_name(in.org.name);
    out.set_org_domain(in.org.primary_domain);
    out.set_project_id(in.project_id);
    out.set_project_name(in.project_name);
    out.set_project_grant_id(in.project_grant_id);
    out.set_user_id(in.user_id);
    out.set_user_type(static_cast<zitadel::user::v1::Type>(in.user_kind));
    out.set_state(static_cast<zitadel::user::v1::UserGrantState>(in.state));
    for (const auto& role : in.roles) {
        out.add_roles(role);  // the older name
        out.add_role_keys(role);
    }
}

}  // namespace

void register_my_user(rpc::Registry& rpc, user::Users& users, user::Metadata& metadata, grant::UserGrants& grants) {
    const std::string service = "zitadel.auth.v1.AuthService/";
    const rpc::Options mine{.lane = Lane::read, .rule = rpc::Rule::caller()};
    rpc.on(service + "GetMyUser", mine,
           [&](const Call& call, const auth::GetMyUserRequest&, auth::GetMyUserResponse& response) -> Result<void> {
               encode(TRY(users.get(caller_of(call))), *response.mutable_user());
               return {};
           });
    rpc.on(service + "ListMyMetadata", mine,
           [&](const Call& call, const auth::ListMyMetadataRequest& request, auth::ListMyMetadataResponse& response) -> Result<void> {
               const auto listed = TRY(metadata.list(caller_of(call), decode(request.queries()), decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& entry : listed.rows) encode(entry, *response.add_result());
               return {};
           });
    rpc.on(service + "GetMyMetadata", mine,
           [&](const Call& call, const auth::GetMyMetadataRequest& request, auth::GetMyMetadataResponse& response) -> Result<void> {
               encode(TRY(metadata.get(caller_of(call), request.key())), *response.mutable_metadata());
               return {};
           });
    rpc.on(service + "ListMyUserGrants", mine,
           [&](const Call& call, const auth::ListMyUserGrantsRequest& request, auth::ListMyUserGrantsResponse& response) -> Result<void> {
               const auto listed = TRY(grants.list_of(call.instance, call.caller.user, decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& grant : listed.rows) encode(grant, *response.add_result());
               return {};
           });
}

}  // namespace godwit::api
