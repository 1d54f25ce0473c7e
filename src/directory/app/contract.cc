#include "directory/app/contract.h"

#include "zitadel/app.pb.h"

namespace godwit::application {
namespace {

namespace pb = zitadel::app::v1;

template <class Repeated>
std::vector<std::string> texts(const Repeated& repeated) {
    return {repeated.begin(), repeated.end()};
}

template <class Enum, class Repeated>
std::vector<Enum> enums(const Repeated& repeated) {
    std::vector<Enum> values;
    for (const auto value : repeated) values.push_back(static_cast<Enum>(value));
    return values;
}

}  // namespace

void to_contract(const OidcConfig& config, pb::OIDCConfig& message) {
    *message.mutable_redirect_uris() = {config.redirect_uris.begin(), config.redirect_uris.end()};
    *message.mutable_post_logout_redirect_uris() = {config.post_logout_redirect_uris.begin(), config.post_logout_redirect_uris.end()};
    for (const auto type : config.response_types) message.add_response_types(static_cast<pb::OIDCResponseType>(type));
    for (const auto type : config.grant_types) message.add_grant_types(static_cast<pb::OIDCGrantType>(type));
    message.set_app_type(static_cast<pb::OIDCAppType>(config.app_type));
    message.set_auth_method_type(static_cast<pb::OIDCAuthMethodType>(config.auth_method));
    message.set_dev_mode(config.dev_mode);
    message.set_access_token_type(static_cast<pb::OIDCTokenType>(config.access_token_type));
    message.set_access_token_role_assertion(config.access_token_role_assertion);
    message.set_id_token_role_assertion(config.id_token_role_assertion);
    message.set_id_token_userinfo_assertion(config.id_token_userinfo_assertion);
    message.mutable_clock_skew()->set_seconds(config.clock_skew.count() / 1'000'000);
    message.mutable_clock_skew()->set_nanos(static_cast<int>(config.clock_skew.count() % 1'000'000 * 1'000));
    *message.mutable_additional_origins() = {config.additional_origins.begin(), config.additional_origins.end()};
    message.set_skip_native_app_success_page(config.skip_native_app_success_page);
    message.set_back_channel_logout_uri(config.back_channel_logout_uri);
    message.set_front_channel_logout_uri(config.front_channel_logout_uri);
    if (config.login_version == LoginVersion::v1) message.mutable_login_version()->mutable_login_v1();
    if (config.login_version == LoginVersion::v2) {
        auto& v2 = *message.mutable_login_version()->mutable_login_v2();
        if (!config.login_base_uri.empty()) v2.set_base_uri(config.login_base_uri);
    }
}

OidcConfig from_contract(const pb::OIDCConfig& message) {
    OidcConfig config{
        .redirect_uris = texts(message.redirect_uris()),
        .post_logout_redirect_uris = texts(message.post_logout_redirect_uris()),
        .response_types = enums<ResponseType>(message.response_types()),
        .grant_types = enums<GrantType>(message.grant_types()),
        .app_type = static_cast<AppType>(message.app_type()),
        .auth_method = static_cast<OidcAuthMethod>(message.auth_method_type()),
        .dev_mode = message.dev_mode(),
        .access_token_type = static_cast<TokenType>(message.access_token_type()),
        .access_token_role_assertion = message.access_token_role_assertion(),
        .id_token_role_assertion = message.id_token_role_assertion(),
        .id_token_userinfo_assertion = message.id_token_userinfo_assertion(),
        .clock_skew =
            std::chrono::seconds(message.clock_skew().seconds()) + std::chrono::microseconds(message.clock_skew().nanos() / 1'000),
        .additional_origins = texts(message.additional_origins()),
        .skip_native_app_success_page = message.skip_native_app_success_page(),
        .back_channel_logout_uri = message.back_channel_logout_uri(),
    };
    config.front_channel_logout_uri = message.front_channel_logout_uri();
    set_login_version(config, message.login_version());
    return config;
}

void set_login_version(OidcConfig& config, const pb::LoginVersion& message) {
    config.login_version = message.has_login_v1()   ? LoginVersion::v1
                           : message.has_login_v2() ? LoginVersion::v2
                                                    : LoginVersion::unspecified;
    config.login_base_uri = message.login_v2().base_uri();
}

}  // namespace godwit::application
