#pragma once

#include "transport/rpc/registry.h"

namespace godwit::user {
class Users;
}

namespace godwit::api {

/// AuthService: what the caller may know of themselves.
void register_my_user(rpc::Registry& rpc, user::Users& users);

}  // namespace godwit::api
