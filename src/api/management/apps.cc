#include "api/management/apps.h"

#include "api/encode/app.h"
#include "api/encode/change_calls.h"
#include "api/encode/encode.h"
#include "directory/app/apps.h"
#include "directory/app/contract.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
namespace {

namespace pb = zitadel::management::v1;
using application::OidcConfig;
constexpr std::string_view kService = "Management-API";

application::Ref ref(const rpc::Call& call, const auto& request) {
    return {.org = call.org(), .project_id = request.project_id(), .app_id = request.app_id()};
}

/// What is not compliant, for the two messages that tell it.
template <class Message>
void encode_compliance(const OidcConfig& config, Message& message) {
    for (const auto& problem : application::compliance_problems(config)) {
        auto& entry = *message.add_compliance_problems();
        entry.set_key(problem);
        entry.set_localized_message(std::string(application::compliance_text(problem)));
    }
    message.set_none_compliant(message.compliance_problems_size() > 0);
}

void encode(const application::App& app, zitadel::app::v1::App& message) {
    message.set_id(app.id);
    api::encode(app.stamp, app.org_id, *message.mutable_details());
    message.set_state(static_cast<zitadel::app::v1::AppState>(app.state));
    message.set_name(app.name);
    if (const auto* api = app.api()) {
        message.mutable_api_config()->set_client_id(app.client_id);
        message.mutable_api_config()->set_auth_method_type(static_cast<zitadel::app::v1::APIAuthMethodType>(api->auth_method));
        return;
    }
    const OidcConfig& config = *app.oidc();
    auto& shown = *message.mutable_oidc_config();
    application::to_contract(config, shown);
    // Nothing said means these two; the contract shows what holds.
    if (config.response_types.empty()) shown.add_response_types(zitadel::app::v1::OIDC_RESPONSE_TYPE_CODE);
    if (config.grant_types.empty()) shown.add_grant_types(zitadel::app::v1::OIDC_GRANT_TYPE_AUTHORIZATION_CODE);
    shown.set_client_id(app.client_id);
    encode_compliance(config, shown);
    for (const auto& origin : application::allowed_origins(config)) shown.add_allowed_origins(origin);
}

void encode(const application::AppKey& key, zitadel::authn::v1::Key& message) {
    message.set_id(key.id);
    api::encode(key.stamp, key.resource_owner, *message.mutable_details());
    message.set_type(zitadel::authn::v1::KEY_TYPE_JSON);
    api::encode(key.expires, *message.mutable_expiration_date());
}

template <class Response>
void encode_app(const application::Created& created, Response& response) {
    response.set_app_id(created.app.id);
    encode_created(created.app.stamp, created.app.org_id, *response.mutable_details());
    response.set_client_id(created.app.client_id);
    response.set_client_secret(std::string(created.client_secret.reveal()));
}

void register_configuration(rpc::Registry& rpc, application::Apps& apps) {
    rpc.on("zitadel.management.v1.ManagementService/AddOIDCApp", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddOIDCAppRequest& request, pb::AddOIDCAppResponse& response) -> Result<void> {
               const auto config = decode_oidc_config(request);
               encode_app(TRY(apps.create(call.org(), request.project_id(), editor_of(call, kService),
                                          {.name = request.name(), .config = config})),
                          response);
               encode_compliance(config, response);
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/AddAPIApp", {.lane = Lane::write},
           [&](const rpc::Call& call, const pb::AddAPIAppRequest& request, pb::AddAPIAppResponse& response) -> Result<void> {
               const application::ApiConfig config{static_cast<application::ApiAuthMethod>(request.auth_method_type())};
               encode_app(TRY(apps.create(call.org(), request.project_id(), editor_of(call, kService),
                                          {.name = request.name(), .config = config})),
                          response);
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetAppByID", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetAppByIDRequest& request, pb::GetAppByIDResponse& response) -> Result<void> {
               encode(TRY(apps.get(ref(call, request))), *response.mutable_app());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/ListApps", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListAppsRequest& request, pb::ListAppsResponse& response) -> Result<void> {
               std::vector<directory::TextFilter> names;
               for (const auto& query : request.queries()) {
                   if (query.has_name_query()) names.push_back(text_filter(query.name_query().name(), query.name_query()));
               }
               const auto listed = TRY(apps.list(call.org(), request.project_id(), names, api::decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& app : listed.rows) encode(app, *response.add_result());
               return {};
           });

    on_change<pb::UpdateOIDCAppConfigRequest, pb::UpdateOIDCAppConfigResponse>(
        rpc, "zitadel.management.v1.ManagementService/UpdateOIDCAppConfig", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) {
            return apps.update(ref(call, request), editor_of(call, kService), decode_oidc_config(request));
        });

    on_change<pb::RemoveAppRequest, pb::RemoveAppResponse>(
        rpc, "zitadel.management.v1.ManagementService/RemoveApp", {.lane = Lane::write},
        [&](const rpc::Call& call, const auto& request) { return apps.remove(ref(call, request), editor_of(call, kService)); });
}

void register_secrets(rpc::Registry& rpc, application::Apps& apps) {
    const auto regenerate = [&apps](const rpc::Call& call, const auto& request, auto& response) -> Result<void> {
        const auto issued = TRY(apps.regenerate_secret(ref(call, request), editor_of(call, kService)));
        response.set_client_secret(std::string(issued.client_secret.reveal()));
        encode_changed(issued.change, *response.mutable_details());
        return {};
    };
    rpc.on("zitadel.management.v1.ManagementService/RegenerateOIDCClientSecret", {.lane = Lane::write},
           [=](const rpc::Call& call, const pb::RegenerateOIDCClientSecretRequest& request,
               pb::RegenerateOIDCClientSecretResponse& response) -> Result<void> { return regenerate(call, request, response); });
    rpc.on("zitadel.management.v1.ManagementService/RegenerateAPIClientSecret", {.lane = Lane::write},
           [=](const rpc::Call& call, const pb::RegenerateAPIClientSecretRequest& request,
               pb::RegenerateAPIClientSecretResponse& response) -> Result<void> { return regenerate(call, request, response); });
}

void register_keys(rpc::Registry& rpc, application::Apps& apps) {
    rpc.on("zitadel.management.v1.ManagementService/AddAppKey", {.lane = Lane::hash},
           [&](const rpc::Call& call, const pb::AddAppKeyRequest& request, pb::AddAppKeyResponse& response) -> Result<void> {
               std::optional<Time> expires;
               if (request.has_expiration_date()) expires = api::decode(request.expiration_date());
               const auto issued = TRY(apps.add_key(ref(call, request), editor_of(call, kService), expires));
               response.set_id(issued.id);
               response.set_key_details(std::string(issued.details.reveal()));
               encode_created(issued.change, *response.mutable_details());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/GetAppKey", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::GetAppKeyRequest& request, pb::GetAppKeyResponse& response) -> Result<void> {
               encode(TRY(apps.get_key(ref(call, request), request.key_id())), *response.mutable_key());
               return {};
           });

    rpc.on("zitadel.management.v1.ManagementService/ListAppKeys", {.lane = Lane::read},
           [&](const rpc::Call& call, const pb::ListAppKeysRequest& request, pb::ListAppKeysResponse& response) -> Result<void> {
               const auto listed = TRY(apps.list_keys(ref(call, request), api::decode(request.query())));
               encode_list(listed.total, call, *response.mutable_details());
               for (const auto& key : listed.rows) encode(key, *response.add_result());
               return {};
           });

    on_change<pb::RemoveAppKeyRequest, pb::RemoveAppKeyResponse>(rpc, "zitadel.management.v1.ManagementService/RemoveAppKey",
                                                                 {.lane = Lane::write}, [&](const rpc::Call& call, const auto& request) {
                                                                     return apps.remove_key(ref(call, request), editor_of(call, kService),
                                                                                            request.key_id());
                                                                 });
}

}  // namespace

void register_apps(rpc::Registry& rpc, application::Apps& apps) {
    register_configuration(rpc, apps);
    register_secrets(rpc, apps);
    register_keys(rpc, apps);
}

}  // namespace godwit::api
