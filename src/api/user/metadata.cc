#include "api/encode/metadata.h"

#include "api/encode/encode.h"
#include "api/user/users.h"
#include "directory/user/metadata.h"
#include "directory/user/users.h"
#include "zitadel/user/v2/user_service.pb.h"

namespace godwit::api {
namespace {

namespace v2 = zitadel::user::v2;
using rpc::Call;
using rpc::TargetCheck;

constexpr std::string_view kService = "User-API";
const TargetCheck kMayRead{.permission = "user.read", .on = TargetCheck::On::user};
// Not even the caller's own: metadata go into tokens, and decide there.
const TargetCheck kMayWrite{.permission = "user.write", .on = TargetCheck::On::user};

/// The user the call is about, for whom `check` allows it; to others it is not there.
Result<user::Ref> user_of(const Call& call, const std::string& id, user::Users& users, rpc::Permissions& permissions,
                          const TargetCheck& check) {
    const auto user = TRY(users.get(user::Ref::named(call.instance, id)));
    if (const auto allowed = rpc::allow_target(permissions, call, check, user.id, user.org); !allowed) {
        if (allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
        return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
    }
    return user::Ref::of(call.instance, user.id);
}

}  // namespace

void register_user_metadata_v2(rpc::Registry& rpc, user::Users& users, user::Metadata& metadata, rpc::Permissions& permissions) {
    const std::string service = "zitadel.user.v2.UserService/";
    const rpc::Options write{.lane = Lane::write, .rule = rpc::Rule::handler(kMayWrite, "user.write on the user's organization")};
    rpc.on(service + "SetUserMetadata", write,
           [&](const Call& call, const v2::SetUserMetadataRequest& request, v2::SetUserMetadataResponse& response) -> Result<void> {
               const auto user = TRY(user_of(call, request.user_id(), users, permissions, kMayWrite));
               const auto change = TRY(metadata.set(user, metadata_entries(request.metadata()), editor_of(call, kService)));
               encode(change.at, *response.mutable_set_date());
               return {};
           });
    rpc.on(service + "ListUserMetadata", {.lane = Lane::read},
           [&](const Call& call, const v2::ListUserMetadataRequest& request, v2::ListUserMetadataResponse& response) -> Result<void> {
               const auto user = TRY(user_of(call, request.user_id(), users, permissions, kMayRead));
               const auto& asked = request.pagination();
               const store::Page page{.offset = asked.offset(), .limit = asked.limit(), .ascending = asked.asc()};
               const auto listed = TRY(metadata.list(user, decode(request.filters()), page));
               response.mutable_pagination()->set_total_result(listed.total);
               response.mutable_pagination()->set_applied_limit(store::applied_limit(page));
               for (const auto& entry : listed.rows) encode(entry, *response.add_metadata());
               return {};
           });
    rpc.on(service + "DeleteUserMetadata", write,
           [&](const Call& call, const v2::DeleteUserMetadataRequest& request, v2::DeleteUserMetadataResponse& response) -> Result<void> {
               const auto user = TRY(user_of(call, request.user_id(), users, permissions, kMayWrite));
               const auto change =
                   TRY(metadata.remove(user, metadata_keys(request.keys()), directory::not_all_metadata(), editor_of(call, kService)));
               encode(change.at, *response.mutable_deletion_date());
               return {};
           });
}

}  // namespace godwit::api
