#include "api/admin/members.h"

#include "api/encode/member_calls.h"
#include "directory/user/users.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::admin::v1;

struct Messages {
    using Add = pb::AddIAMMemberRequest;
    using Added = pb::AddIAMMemberResponse;
    using Update = pb::UpdateIAMMemberRequest;
    using Updated = pb::UpdateIAMMemberResponse;
    using Remove = pb::RemoveIAMMemberRequest;
    using Removed = pb::RemoveIAMMemberResponse;
    using List = pb::ListIAMMembersRequest;
    using Listed = pb::ListIAMMembersResponse;
};

}  // namespace

void register_admin_members(rpc::Registry& rpc, member::Members& members, user::Users& users) {
    const MemberService service{
        .rpc = rpc,
        .members = members,
        .name = "zitadel.admin.v1.AdminService",
        .editor = "Admin-API",
        .noun = "IAMMember",
        .kind = member::ScopeKind::instance,
        .users = users,
        .newcomer = [](const rpc::Call& call, const std::string& id) -> Result<user::Ref> { return user::Ref::named(call.instance, id); }};
    const auto instance = [](const rpc::Call&, const auto&) -> Result<member::Place> { return member::Place::instance(); };
    on_member_changes<Messages>(service, instance);
    on_member_list<Messages>(service, instance);
    on_member_roles<pb::ListIAMMemberRolesRequest, pb::ListIAMMemberRolesResponse>(service);
}

}  // namespace godwit::api
