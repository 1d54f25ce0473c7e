#pragma once

#include "transport/rpc/registry.h"

namespace godwit::signin {
class PasswordCheck;
}
namespace godwit::user {
class Users;
}

namespace godwit::api {

/// UserService v2.
void register_users_v2(rpc::Registry& rpc, user::Users& users, signin::PasswordCheck& passwords, rpc::Permissions& permissions);

}  // namespace godwit::api
