// gRPC server reflection, v1 and v1alpha: what is served here and how its messages look, for grpcurl and its kin. Public, as the
// contract itself is.
#pragma once

#include "transport/rpc/registry.h"

namespace godwit::rpc {

/// Lists the services of `registry`, those registered later too. `registry` outlives its own handlers anyway.
void register_reflection(Registry& registry);

}  // namespace godwit::rpc
