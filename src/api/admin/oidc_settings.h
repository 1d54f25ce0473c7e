#pragma once

#include "transport/rpc/registry.h"

namespace godwit::instance {
class Instances;
}
namespace godwit::settings {
class Settings;
}

namespace godwit::api {

/// AdminService: how long the instance's tokens are good.
void register_oidc_settings(rpc::Registry& rpc, settings::Settings& settings, const instance::Instances& instances);

}  // namespace godwit::api
