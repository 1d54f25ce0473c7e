// What an application is (zitadel.app.v1). Enumerators have the contract's numbers.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "directory/object/object.h"

namespace godwit::application {

enum class State { active = 1, inactive = 2 };
enum class ResponseType { code = 0, id_token = 1, id_token_token = 2 };
enum class GrantType { authorization_code = 0, implicit = 1, refresh_token = 2, device_code = 3, token_exchange = 4 };
enum class AppType { web = 0, user_agent = 1, native = 2 };
enum class OidcAuthMethod { basic = 0, post = 1, none = 2, private_key_jwt = 3 };
enum class ApiAuthMethod { basic = 0, private_key_jwt = 1 };
enum class TokenType { bearer = 0, jwt = 1 };
enum class LoginVersion { unspecified = 0, v1 = 1, v2 = 2 };

struct OidcConfig {
    std::vector<std::string> redirect_uris;
    std::vector<std::string> post_logout_redirect_uris;
    std::vector<ResponseType> response_types;  ///< empty means code
    std::vector<GrantType> grant_types;        ///< empty means authorization_code
    AppType app_type = AppType::web;
    OidcAuthMethod auth_method = OidcAuthMethod::basic;
    bool dev_mode = false;  ///< redirect URIs may be http and hold "*"
    TokenType access_token_type = TokenType::bearer;
    bool access_token_role_assertion = false;
    bool id_token_role_assertion = false;
    bool id_token_userinfo_assertion = false;
    std::chrono::microseconds clock_skew{};  ///< 0 to 5 s
    std::vector<std::string> additional_origins;
    bool skip_native_app_success_page = false;
    std::string back_channel_logout_uri;
    LoginVersion login_version = LoginVersion::unspecified;
    std::string login_base_uri = {};  ///< of login v2, may be empty
    std::string front_channel_logout_uri = {};

    bool allows(GrantType grant) const;
    bool allows(ResponseType type) const;
    friend bool operator==(const OidcConfig&, const OidcConfig&) = default;
};

struct ApiConfig {
    ApiAuthMethod auth_method = ApiAuthMethod::basic;
    friend bool operator==(const ApiConfig&, const ApiConfig&) = default;
};

struct App {
    AppId key;
    std::string id;  ///< as the contract shows it
    ProjectId project;
    std::string project_id;
    OrgId org;  ///< owner of the project
    std::string org_id;
    std::string name;
    State state = State::active;
    std::string client_id;
    std::string secret;  ///< stored form ("sha256:<hex>" of ours, or an imported hash), "" without; see verify_secret
    std::variant<OidcConfig, ApiConfig> config;
    directory::Stamp stamp = {};

    const OidcConfig* oidc() const { return std::get_if<OidcConfig>(&config); }
    const ApiConfig* api() const { return std::get_if<ApiConfig>(&config); }
};

/// What is not as OIDC Core 1.0 and the BCP for the kind of application want it: message keys in the reference's order, empty when
/// compliant. ("Application.OIDC.V1.NotCompliant" leads.)
std::vector<std::string> compliance_problems(const OidcConfig& config);
/// The English text of such a key.
std::string_view compliance_text(std::string_view key);

/// Origins that may call with CORS: those of the http(s) redirect URIs, then the additional ones.
std::vector<std::string> allowed_origins(const OidcConfig& config);

/// Error invalid_argument PROJECT-1n8df unless every response type has the grant it needs, the clock skew is 0–5 s, and the additional
/// origins are origins; invalid_argument PROJECT-Lou01 unless the logout addresses are http(s) URLs without fragment.
Result<void> check(const OidcConfig& config);

}  // namespace godwit::application
