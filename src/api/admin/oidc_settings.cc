#include "api/admin/oidc_settings.h"

#include "api/encode/encode.h"
#include "directory/instance/instances.h"
#include "directory/settings/settings.h"
#include "godwit/settings/v1/settings.pb.h"
#include "zitadel/admin.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::admin::v1;
using Stored = godwit::settings::v1::OidcSettings;
constexpr std::string_view kService = "Admin-API";

/// invalid_argument `id` unless every lifetime is a second or more.
template <class Request>
Result<Stored> decode(const Request& request, std::string_view id) {
    Stored out;
    out.set_access_token_lifetime(request.access_token_lifetime().seconds());
    out.set_id_token_lifetime(request.id_token_lifetime().seconds());
    out.set_refresh_token_idle_expiration(request.refresh_token_idle_expiration().seconds());
    out.set_refresh_token_expiration(request.refresh_token_expiration().seconds());
    if (out.access_token_lifetime() <= 0 || out.id_token_lifetime() <= 0 || out.refresh_token_idle_expiration() <= 0 ||
        out.refresh_token_expiration() <= 0)
        return fail(Code::invalid_argument, id, "each of the four lifetimes must be a second or more");
    return out;
}

Result<void> get(settings::Settings& settings, const instance::Instances& instances, const rpc::Call& call,
                 pb::GetOIDCSettingsResponse& response) {
    const auto found = TRY(settings.get<Stored>(call.instance));
    auto& out = *response.mutable_settings();
    encode(found.stamp, TRY(instances.get(call.instance)).id, *out.mutable_details());
    out.mutable_access_token_lifetime()->set_seconds(found.value.access_token_lifetime());
    out.mutable_id_token_lifetime()->set_seconds(found.value.id_token_lifetime());
    out.mutable_refresh_token_idle_expiration()->set_seconds(found.value.refresh_token_idle_expiration());
    out.mutable_refresh_token_expiration()->set_seconds(found.value.refresh_token_expiration());
    return {};
}

}  // namespace

void register_oidc_settings(rpc::Registry& rpc, settings::Settings& settings, const instance::Instances& instances) {
    rpc.on("zitadel.admin.v1.AdminService/GetOIDCSettings", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetOIDCSettingsRequest&, pb::GetOIDCSettingsResponse& response) {
               return get(settings, instances, call, response);
           });

    rpc.on("zitadel.admin.v1.AdminService/AddOIDCSettings", {.lane = Lane::write},
           [](const rpc::Call&, const pb::AddOIDCSettingsRequest& request, pb::AddOIDCSettingsResponse&) -> Result<void> {
               TRY(decode(request, "INST-10s82j"));
               return fail(Code::already_exists, "INST-0aaj1o", "every instance has OIDC settings; update them");
           });

    rpc.on(
        "zitadel.admin.v1.AdminService/UpdateOIDCSettings", {.lane = Lane::write},
        [&](const rpc::Call& call, const pb::UpdateOIDCSettingsRequest& request, pb::UpdateOIDCSettingsResponse& response) -> Result<void> {
            const auto wanted = TRY(decode(request, "INST-10sxks"));
            const auto changed = TRY(settings.set(OrgScope(call.instance, OrgId{}), editor_of(call, kService), wanted));
            if (!changed) return fail(Code::failed_precondition, "COMMAND-0pk2nu", "No changes");
            encode_changed(*changed, *response.mutable_details());
            return {};
        });
}

}  // namespace godwit::api
