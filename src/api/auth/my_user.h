#pragma once

#include "transport/rpc/registry.h"

namespace godwit::grant {
class UserGrants;
}
namespace godwit::user {
class Metadata;
class Users;
}  // namespace godwit::user

namespace godwit::api {

/// AuthService: what callers may know of themselves, their metadata, and what was granted to them.
void register_my_user(rpc::Registry& rpc, user::Users& users, user::Metadata& metadata, grant::UserGrants& grants);

}  // namespace godwit::api
