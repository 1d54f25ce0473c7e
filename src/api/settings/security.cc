#include "api/settings/security.h"

#include "api/encode/encode.h"
#include "directory/instance/instances.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "transport/rpc/registry.h"
#include "zitadel/settings/v2/settings_service.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::settings::v2;
using Security = godwit::settings::v1::SecuritySettings;

Result<void> get_security(settings::Settings& settings, const rpc::Call& call, pb::GetSecuritySettingsResponse& response) {
    const auto found = TRY(settings.get<Security>(call.instance));
    auto& out = *response.mutable_settings();
    out.mutable_embedded_iframe();
    out.set_enable_impersonation(found.value.enable_impersonation());
    return {};
}

Result<void> set_security(settings::Settings& settings, const instance::Instances& instances, const rpc::Call& call,
                          const pb::SetSecuritySettingsRequest& request, pb::SetSecuritySettingsResponse& response) {
    const auto& frames = request.embedded_iframe();
    if (frames.enabled() || frames.allowed_origins_size() > 0)
        return fail(Code::failed_precondition, "SETTINGS-Ifr01",
                    "The sign-in pages cannot be embedded in frames; leave embeddedIframe out");
    auto found = TRY(settings.get<Security>(call.instance));
    found.value.set_enable_impersonation(request.enable_impersonation());
    const auto changed = TRY(settings.set(OrgScope(call.instance, OrgId{}), editor_of(call, "Settings-API"), found.value));
    if (changed)
        encode(*changed, *response.mutable_details());
    else
        encode(found.stamp, TRY(instances.get(call.instance)).id, *response.mutable_details());
    return {};
}

}  // namespace

void register_security_settings(rpc::Registry& registry, settings::Settings& settings, const instance::Instances& instances) {
    registry.on("zitadel.settings.v2.SettingsService/GetSecuritySettings", {.lane = Lane::read},
                [&settings](const rpc::Call& call, const pb::GetSecuritySettingsRequest&, pb::GetSecuritySettingsResponse& response) {
                    return get_security(settings, call, response);
                });
    registry.on("zitadel.settings.v2.SettingsService/SetSecuritySettings", {.lane = Lane::write},
                [&settings, &instances](const rpc::Call& call, const pb::SetSecuritySettingsRequest& request,
                                        pb::SetSecuritySettingsResponse& response) {
                    return set_security(settings, instances, call, request, response);
                });
}

}  // namespace godwit::api
