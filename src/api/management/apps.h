#pragma once

#include "transport/rpc/registry.h"

namespace godwit::application {
class Apps;
}

namespace godwit::api {

/// ManagementService: OIDC and API applications, their secrets and keys.
void register_apps(rpc::Registry& rpc, application::Apps& apps);

}  // namespace godwit::api
