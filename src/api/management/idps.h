#pragma once

#include "transport/rpc/registry.h"

namespace godwit::idp {
class Idps;
class LoginPolicyIdps;
}  // namespace godwit::idp

namespace godwit::api {

/// ManagementService: identity providers of the organization, and which of them the login policy offers.
void register_management_idps(rpc::Registry& rpc, idp::Idps& idps, idp::LoginPolicyIdps& offered);

}  // namespace godwit::api
