#pragma once

#include "transport/rpc/registry.h"

namespace godwit::user {
class Links;
class Users;
}  // namespace godwit::user

namespace godwit::api {

/// UserService v2: second factors, passkeys and links to identity providers.
void register_user_factors_v2(rpc::Registry& rpc, user::Users& users, user::Links& links, rpc::Permissions& permissions);

}  // namespace godwit::api
