#pragma once

#include "transport/rpc/registry.h"

namespace godwit::member {
class Members;
}
namespace godwit::org {
class Orgs;
}
namespace godwit::store {
class Store;
}

namespace godwit::api {

/// ManagementService: organizations and their domains.
void register_orgs(rpc::Registry& rpc, store::Store& store, org::Orgs& orgs, member::Members& members);

}  // namespace godwit::api
