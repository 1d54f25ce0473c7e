#pragma once

#include "transport/rpc/registry.h"

namespace godwit::member {
class Members;
}
namespace godwit::user {
class Users;
}

namespace godwit::api {

/// AdminService: who manages the instance.
void register_admin_members(rpc::Registry& rpc, member::Members& members, user::Users& users);

}  // namespace godwit::api
