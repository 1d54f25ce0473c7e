#pragma once

#include "transport/rpc/registry.h"

namespace godwit::signin {
class PasswordCheck;
}
namespace godwit::user {
class Metadata;
class Users;
}  // namespace godwit::user

namespace godwit::api {

/// UserService v2.
void register_users_v2(rpc::Registry& rpc, user::Users& users, signin::PasswordCheck& passwords, rpc::Permissions& permissions);
/// UserService v2: metadata.
void register_user_metadata_v2(rpc::Registry& rpc, user::Users& users, user::Metadata& metadata, rpc::Permissions& permissions);

}  // namespace godwit::api
