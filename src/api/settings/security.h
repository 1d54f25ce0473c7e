// zitadel.settings.v2.SettingsService: the security settings of an instance.
#pragma once

namespace godwit::instance {
class Instances;
}
namespace godwit::rpc {
class Registry;
}
namespace godwit::settings {
class Settings;
}

namespace godwit::api {

/// The parts must outlive the registry.
void register_security_settings(rpc::Registry& registry, settings::Settings& settings, const instance::Instances& instances);

}  // namespace godwit::api
