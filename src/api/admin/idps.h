#pragma once

#include "transport/rpc/registry.h"

namespace godwit::idp {
class Idps;
}

namespace godwit::api {

/// AdminService: identity providers of the instance.
void register_admin_idps(rpc::Registry& rpc, idp::Idps& idps);

}  // namespace godwit::api
