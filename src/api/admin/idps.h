#pragma once

#include "transport/rpc/registry.h"

namespace godwit::idp {
class Idps;
class LoginPolicyIdps;
}  // namespace godwit::idp

namespace godwit::api {

/// AdminService: identity providers of the instance, and which of them the login policy offers.
void register_admin_idps(rpc::Registry& rpc, idp::Idps& idps, idp::LoginPolicyIdps& offered);

}  // namespace godwit::api
