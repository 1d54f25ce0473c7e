#pragma once

#include "transport/rpc/registry.h"

namespace godwit::idp {
class Idps;
}

namespace godwit::api {

/// ManagementService: identity providers of the organization.
void register_management_idps(rpc::Registry& rpc, idp::Idps& idps);

}  // namespace godwit::api
