#include "oidc/discovery.h"

#include <initializer_list>
#include <vector>

#include "base/json.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {

std::string discovery_document(const Issuer& issuer, std::span<const std::string> signing_algorithms, const Rules& rules) {
    JsonObject out;
    const auto list = [&](std::string_view name, std::initializer_list<const char*> values) {
        out.set(name, std::vector<std::string>(values.begin(), values.end()));
    };
    const auto address = [&](std::string_view name, Endpoint endpoint) {
        if (issuer.has(endpoint)) out.set(name, issuer.url(endpoint));
    };
    out.set("issuer", issuer.name);
    address("authorization_endpoint", Endpoint::authorize);
    address("token_endpoint", Endpoint::token);
    address("introspection_endpoint", Endpoint::introspection);
    address("userinfo_endpoint", Endpoint::userinfo);
    address("revocation_endpoint", Endpoint::revocation);
    address("end_session_endpoint", Endpoint::end_session);
    address("pushed_authorization_request_endpoint", Endpoint::pushed);
    address("device_authorization_endpoint", Endpoint::device_authorization);
    address("jwks_uri", Endpoint::keys);
    list("scopes_supported", {"openid", "profile", "email", "phone", "offline_access"});
    list("response_types_supported", {"code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"});
    list("response_modes_supported", {"query", "fragment", "form_post"});
    std::vector<std::string> grants = {"authorization_code", "implicit", "refresh_token", "client_credentials",
                                       "urn:ietf:params:oauth:grant-type:jwt-bearer"};
    // A layout may be without the endpoint that device codes come from; authorization and token endpoint each has.
    if (issuer.has(Endpoint::device_authorization)) grants.emplace_back("urn:ietf:params:oauth:grant-type:device_code");
    grants.emplace_back("urn:ietf:params:oauth:grant-type:token-exchange");
    out.set("grant_types_supported", grants);
    list("subject_types_supported", {"public"});
    out.set("id_token_signing_alg_values_supported", signing_algorithms);
    list("token_endpoint_auth_methods_supported", {"none", "client_secret_basic", "client_secret_post", "private_key_jwt"});
    list("token_endpoint_auth_signing_alg_values_supported", {"RS256"});
    if (issuer.has(Endpoint::revocation)) {
        list("revocation_endpoint_auth_methods_supported", {"none", "client_secret_basic", "client_secret_post", "private_key_jwt"});
        list("revocation_endpoint_auth_signing_alg_values_supported", {"RS256"});
    }
    if (issuer.has(Endpoint::introspection)) {
        list("introspection_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post", "private_key_jwt"});
        list("introspection_endpoint_auth_signing_alg_values_supported", {"RS256"});
    }
    list("claims_supported", {"sub",
                              "aud",
                              "exp",
                              "iat",
                              "iss",
                              "auth_time",
                              "nonce",
                              "acr",
                              "amr",
                              "at_hash",
                              "c_hash",
                              "s_hash",
                              "azp",
                              "client_id",
                              "sid",
                              "name",
                              "given_name",
                              "family_name",
                              "nickname",
                              "preferred_username",
                              "gender",
                              "locale",
                              "updated_at",
                              "email",
                              "email_verified",
                              "phone_number",
                              "phone_number_verified"});
    if (rules.plain_pkce) {
        list("code_challenge_methods_supported", {"S256", "plain"});
    } else {
        list("code_challenge_methods_supported", {"S256"});
    }
    out.set("dpop_signing_alg_values_supported", std::vector<std::string>(http::kProofAlgorithms.begin(), http::kProofAlgorithms.end()));
    list("prompt_values_supported", {"none", "login", "consent", "select_account", "create"});
    list("ui_locales_supported", {"de", "en"});
    list("acr_values_supported", {"urn:godwit:acr:1fa", "urn:godwit:acr:2fa"});
    out.set("claims_parameter_supported", true);
    out.set("request_parameter_supported", true);
    list("request_object_signing_alg_values_supported", {"RS256"});
    out.set("request_uri_parameter_supported", false);
    for (const auto* name : {"backchannel_logout_supported", "backchannel_logout_session_supported", "frontchannel_logout_supported",
                             "frontchannel_logout_session_supported"})
        out.set(name, true);
    return out.text();
}

}  // namespace godwit::oidc
