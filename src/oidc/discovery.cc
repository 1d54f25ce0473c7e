#include "oidc/discovery.h"

#include <initializer_list>
#include <vector>

#include "base/json.h"
#include "oidc/acr.h"
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
    std::vector<std::string> scopes = {"openid", "profile", "email", "phone"};
    if (rules.refresh_tokens) scopes.emplace_back("offline_access");
    out.set("scopes_supported", scopes);
    list("response_types_supported", {"code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"});
    list("response_modes_supported", {"query", "fragment", "form_post"});
    std::vector<std::string> grants = {"authorization_code", "implicit"};
    if (rules.refresh_tokens) grants.emplace_back("refresh_token");
    grants.insert(grants.end(), {"client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"});
    // A layout may be without the endpoint that device codes come from; authorization and token endpoint each has.
    if (issuer.has(Endpoint::device_authorization)) grants.emplace_back("urn:ietf:params:oauth:grant-type:device_code");
    grants.emplace_back("urn:ietf:params:oauth:grant-type:token-exchange");
    out.set("grant_types_supported", grants);
    list("subject_types_supported", {"public"});
    out.set("id_token_signing_alg_values_supported", signing_algorithms);
    const auto client_authentication = [&](const std::string& endpoint, bool public_clients) {
        std::vector<std::string> methods;
        if (public_clients) methods.emplace_back("none");
        methods.emplace_back("client_secret_basic");
        if (rules.secrets_by_post) methods.emplace_back("client_secret_post");
        if (rules.client_assertions) methods.emplace_back("private_key_jwt");
        out.set(endpoint + "_endpoint_auth_methods_supported", methods);
        if (rules.client_assertions) list(endpoint + "_endpoint_auth_signing_alg_values_supported", {"RS256"});
    };
    client_authentication("token", true);
    if (issuer.has(Endpoint::revocation)) client_authentication("revocation", true);
    if (issuer.has(Endpoint::introspection)) client_authentication("introspection", false);
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
    out.set("acr_values_supported", std::vector<std::string>(acr::kAll.begin(), acr::kAll.end()));
    out.set("claims_parameter_supported", true);
    out.set("request_parameter_supported", rules.request_objects);
    if (rules.request_objects) list("request_object_signing_alg_values_supported", {"RS256"});
    out.set("request_uri_parameter_supported", false);
    for (const auto* name : {"backchannel_logout_supported", "backchannel_logout_session_supported", "frontchannel_logout_supported",
                             "frontchannel_logout_session_supported"})
        out.set(name, true);
    return out.text();
}

}  // namespace godwit::oidc
