#include "api/encode/idp.h"

#include "api/encode/encode.h"
#include "zitadel/admin.pb.h"
#include "zitadel/idp.pb.h"
#include "zitadel/management.pb.h"

namespace godwit::api {

idp::Options decode_options(const zitadel::idp::v1::Options& message) {
    return {.linking_allowed = message.is_linking_allowed(),
            .creation_allowed = message.is_creation_allowed(),
            .auto_creation = message.is_auto_creation(),
            .auto_update = message.is_auto_update(),
            .auto_linking = static_cast<idp::AutoLinking>(message.auto_linking())};
}

void encode_provider(const idp::Idp& idp, zitadel::idp::v1::Provider& message) {
    message.set_id(idp.id);
    api::encode(idp.stamp, idp.owner_id, *message.mutable_details());
    message.set_state(static_cast<zitadel::idp::v1::IDPState>(idp.state));
    message.set_name(idp.name);
    message.set_owner(idp.owner ? zitadel::idp::v1::IDP_OWNER_TYPE_ORG : zitadel::idp::v1::IDP_OWNER_TYPE_SYSTEM);
    message.set_type(static_cast<zitadel::idp::v1::ProviderType>(idp.type));
    auto& config = *message.mutable_config();
    if (!config.ParseFromString(idp.config)) config.Clear();
    auto& options = *config.mutable_options();
    options.set_is_linking_allowed(idp.options.linking_allowed);
    options.set_is_creation_allowed(idp.options.creation_allowed);
    options.set_is_auto_creation(idp.options.auto_creation);
    options.set_is_auto_update(idp.options.auto_update);
    options.set_auto_linking(static_cast<zitadel::idp::v1::AutoLinkingOption>(idp.options.auto_linking));
}

template <class Request>
idp::NewIdp decode_generic_oidc(const Request& request) {
    zitadel::idp::v1::ProviderConfig config;
    auto& oidc = *config.mutable_oidc();
    oidc.set_issuer(request.issuer());
    oidc.set_client_id(request.client_id());
    *oidc.mutable_scopes() = request.scopes();
    oidc.set_is_id_token_mapping(request.is_id_token_mapping());
    oidc.set_use_pkce(request.use_pkce());
    return {.name = request.name(),
            .type = idp::Type::oidc,
            .options = decode_options(request.provider_options()),
            .config = config.SerializeAsString(),
            .secret = Secret(request.client_secret())};
}

template idp::NewIdp decode_generic_oidc(const zitadel::management::v1::AddGenericOIDCProviderRequest&);
template idp::NewIdp decode_generic_oidc(const zitadel::admin::v1::AddGenericOIDCProviderRequest&);

}  // namespace godwit::api
