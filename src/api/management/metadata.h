#pragma once

#include "transport/rpc/registry.h"

namespace godwit::org {
class Metadata;
}
namespace godwit::user {
class Metadata;
}

namespace godwit::api {

/// ManagementService: metadata of users, and of the organization of the call.
void register_user_metadata(rpc::Registry& rpc, user::Metadata& metadata);
void register_org_metadata(rpc::Registry& rpc, org::Metadata& metadata);

}  // namespace godwit::api
