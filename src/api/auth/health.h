#pragma once

#include "transport/rpc/registry.h"

namespace godwit::api {

/// Healthz of the v1 services: anyone may ask, and an answer of any kind means that calls are served. What a balancer should ask
/// is /debug/ready, which also looks at the store.
void register_health(rpc::Registry& rpc);

}  // namespace godwit::api
