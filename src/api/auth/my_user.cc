#include "api/auth/my_user.h"

#include "api/management/users_encode.h"
#include "directory/user/users.h"
#include "zitadel/auth.pb.h"

namespace godwit::api {

void register_my_user(rpc::Registry& rpc, user::Users& users) {
    namespace auth = zitadel::auth::v1;
    rpc.on("zitadel.auth.v1.AuthService/GetMyUser", {.lane = Lane::read, .rule = rpc::Rule::caller()},
           [&](const rpc::Call& call, const auth::GetMyUserRequest&, auth::GetMyUserResponse& response) -> Result<void> {
               encode(TRY(users.get(user::Ref::of(call.instance, call.caller.user))), *response.mutable_user());
               return {};
           });
}

}  // namespace godwit::api
