// A client as the protocol sees it: one application with what its project and organization say about it. Everything an endpoint
// needs to know of a client is read here, so that client ids and rules stay data.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "oidc/redirect_uri.h"

namespace godwit::oidc {

enum class ClientAuthMethod { none, client_secret_basic, client_secret_post, private_key_jwt };
enum class ResponseType { code, id_token, id_token_token };
enum class GrantType { authorization_code, implicit, refresh_token, device_code, token_exchange };

struct Client {
    AppId app;
    std::string app_id;     ///< as the contract shows it
    std::string client_id;  ///< what the protocol calls it
    std::string name;
    ProjectId project;
    std::string project_id;
    OrgId org;  ///< owns the project

    AppType type = AppType::web;
    ClientAuthMethod auth_method = ClientAuthMethod::none;
    std::string secret;  ///< stored form, see application::verify_secret; "" when it has none
    std::vector<ResponseType> response_types;
    std::vector<GrantType> grants;
    std::vector<std::string> redirect_uris;
    std::vector<std::string> post_logout_redirect_uris;
    std::vector<std::string> additional_origins;
    std::string login_base_uri;  ///< of login pages of its own; "" = ours
    std::string back_channel_logout_uri, front_channel_logout_uri;
    bool dev_mode = false;
    bool jwt_access_token = false;
    bool id_token_userinfo = false;  ///< claims of profile, email, phone go into the id_token too
    std::chrono::seconds clock_skew{0};
    bool access_token_roles = false, id_token_roles = false;  ///< roles go into JWT access tokens, id_tokens
    bool project_asserts_roles = false;
    bool project_checks_roles = false;  ///< only users with a role of the project may sign in
    bool project_checks_orgs = false;   ///< only users of organizations that hold the project may sign in

    bool is_public() const { return auth_method == ClientAuthMethod::none; }
    RedirectPolicy redirect_policy() const { return {type, !is_public(), dev_mode}; }
    /// Whether scripts of that origin ("https://app.example") are the application's: one of its redirect URIs or additional origins has it.
    bool is_own_origin(std::string_view origin) const;
    bool allows(GrantType grant) const;
    bool allows(ResponseType type) const;
};

}  // namespace godwit::oidc
