#pragma once

#include <functional>

#include "base/ids.h"
#include "base/result.h"
#include "transport/rpc/registry.h"

namespace godwit::store {
class Store;
}
namespace godwit::user {
class Users;
}

namespace godwit::api {

/// The project of the application that the call's token was issued to; 0: to none.
using ProjectOfToken = std::function<Result<ProjectId>(const rpc::Call&)>;

/// AuthService: what callers manage, and what they may do in the organization of the call: by their memberships, and by what was granted to
/// them of the project whose application their token is of.
void register_my_memberships(rpc::Registry& rpc, store::Store& store, user::Users& users, ProjectOfToken project_of_token);

}  // namespace godwit::api
