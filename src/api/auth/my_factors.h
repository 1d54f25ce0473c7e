#pragma once

#include "transport/rpc/registry.h"

namespace godwit::user {
class Links;
}

namespace godwit::api {

/// AuthService: the caller's own second factors, passkeys and links to identity providers.
void register_my_factors(rpc::Registry& rpc, user::Links& links);

}  // namespace godwit::api
