#include "api/encode/app.h"

#include "base/text.h"
#include "directory/app/contract.h"
#include "zitadel/management.pb.h"

namespace godwit::api {
template <class Request>
application::OidcConfig decode_oidc_config(const Request& request) {
    application::OidcConfig config;
    for (const auto& uri : request.redirect_uris()) config.redirect_uris.emplace_back(trim(uri));
    for (const auto& uri : request.post_logout_redirect_uris()) config.post_logout_redirect_uris.emplace_back(trim(uri));
    for (const auto type : request.response_types()) config.response_types.push_back(static_cast<application::ResponseType>(type));
    for (const auto type : request.grant_types()) config.grant_types.push_back(static_cast<application::GrantType>(type));
    config.app_type = static_cast<application::AppType>(request.app_type());
    config.auth_method = static_cast<application::OidcAuthMethod>(request.auth_method_type());
    config.dev_mode = request.dev_mode();
    config.access_token_type = static_cast<application::TokenType>(request.access_token_type());
    config.access_token_role_assertion = request.access_token_role_assertion();
    config.id_token_role_assertion = request.id_token_role_assertion();
    config.id_token_userinfo_assertion = request.id_token_userinfo_assertion();
    config.clock_skew =
        std::chrono::seconds(request.clock_skew().seconds()) + std::chrono::microseconds(request.clock_skew().nanos() / 1'000);
    for (const auto& origin : request.additional_origins()) config.additional_origins.emplace_back(trim(origin));
    config.skip_native_app_success_page = request.skip_native_app_success_page();
    config.back_channel_logout_uri = trim(request.back_channel_logout_uri());
    config.front_channel_logout_uri = trim(request.front_channel_logout_uri());
    application::set_login_version(config, request.login_version());
    return config;
}

template application::OidcConfig decode_oidc_config(const zitadel::management::v1::AddOIDCAppRequest& request);
template application::OidcConfig decode_oidc_config(const zitadel::management::v1::UpdateOIDCAppConfigRequest& request);

}  // namespace godwit::api
