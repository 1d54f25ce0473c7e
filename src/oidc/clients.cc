#include "oidc/clients.h"

#include <algorithm>

#include "directory/app/apps.h"
#include "directory/instance/instances.h"
#include "directory/project/holding.h"
#include "directory/project/projects.h"
#include "oidc/scope.h"
#include "oidc/services.h"
#include "store/list_query.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

AppType type_of(application::AppType type) {
    switch (type) {
        case application::AppType::web:
            return AppType::web;
        case application::AppType::user_agent:
            return AppType::user_agent;
        case application::AppType::native:
            return AppType::native;
    }
    return AppType::web;
}

ClientAuthMethod method_of(application::OidcAuthMethod method) {
    switch (method) {
        case application::OidcAuthMethod::basic:
            return ClientAuthMethod::client_secret_basic;
        case application::OidcAuthMethod::post:
            return ClientAuthMethod::client_secret_post;
        case application::OidcAuthMethod::none:
            return ClientAuthMethod::none;
        case application::OidcAuthMethod::private_key_jwt:
            return ClientAuthMethod::private_key_jwt;
    }
    return ClientAuthMethod::client_secret_basic;
}

void take_config(Client& client, const application::OidcConfig& config) {
    client.type = type_of(config.app_type);
    client.auth_method = method_of(config.auth_method);
    client.redirect_uris = config.redirect_uris;
    client.post_logout_redirect_uris = config.post_logout_redirect_uris;
    client.additional_origins = config.additional_origins;
    client.login_base_uri = config.login_base_uri;
    client.back_channel_logout_uri = config.back_channel_logout_uri;
    client.front_channel_logout_uri = config.front_channel_logout_uri;
    client.dev_mode = config.dev_mode;
    client.jwt_access_token = config.access_token_type == application::TokenType::jwt;
    client.id_token_userinfo = config.id_token_userinfo_assertion;
    client.access_token_roles = config.access_token_role_assertion;
    client.id_token_roles = config.id_token_role_assertion;
    client.clock_skew = std::chrono::duration_cast<std::chrono::seconds>(config.clock_skew);
    for (const auto type : {ResponseType::code, ResponseType::id_token, ResponseType::id_token_token})
        if (config.allows(static_cast<application::ResponseType>(type))) client.response_types.push_back(type);
    for (const auto grant :
         {GrantType::authorization_code, GrantType::implicit, GrantType::refresh_token, GrantType::device_code, GrantType::token_exchange})
        if (config.allows(static_cast<application::GrantType>(grant))) client.grants.push_back(grant);
}

std::optional<Client> client_of(const application::App* app) {
    if (!app || app->state != application::State::active) return std::nullopt;
    Client client;
    client.app = app->key;
    client.app_id = app->id;
    client.client_id = app->client_id;
    client.name = app->name;
    client.project = app->project;
    client.project_id = app->project_id;
    client.org = app->org;
    client.secret = app->secret;
    if (const auto* oidc = app->oidc()) {
        take_config(client, *oidc);
    } else {
        client.type = AppType::api;
        client.auth_method = app->api()->auth_method == application::ApiAuthMethod::basic ? ClientAuthMethod::client_secret_basic
                                                                                          : ClientAuthMethod::private_key_jwt;
    }
    return client;
}

void add_once(std::vector<std::string>& list, const std::string& one) {
    if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

}  // namespace

Result<std::optional<Client>> Clients::find(InstanceScope scope, std::string_view client_id) const {
    return checked(scope, client_of(TRY(services_.apps.find_by_client_id(scope, client_id)).get()));
}

Result<std::optional<Client>> Clients::find(InstanceScope scope, AppId app) const {
    return checked(scope, client_of(TRY(services_.apps.find(scope, app)).get()));
}

Result<std::optional<Client>> Clients::checked(InstanceScope scope, std::optional<Client> client) const {
    if (!client) return std::nullopt;
    const auto project = TRY(services_.store.read(store::Database::directory,
                                                  [&](store::Reader& db) { return project::find_project(db, scope, client->project); }));
    if (!project || project->state != project::State::active) return std::nullopt;
    if (!services_.rules.refresh_tokens) std::erase(client->grants, GrantType::refresh_token);
    client->project_asserts_roles = project->flags.role_assertion;
    client->project_checks_roles = project->flags.role_check;
    client->project_checks_orgs = project->flags.has_project_check;
    return client;
}

Result<std::vector<std::string>> Clients::audience(InstanceScope scope, const Client& client,
                                                   const std::vector<std::string>& scopes) const {
    std::vector<std::string> audience = {client.client_id};
    const auto siblings =
        TRY(services_.apps.list(OrgScope(scope, client.org), client.project_id, {}, store::Page{.limit = store::kMaxLimit}));
    for (const auto& app : siblings.rows)
        if (!app.client_id.empty()) add_once(audience, app.client_id);
    add_once(audience, client.project_id);
    for (const auto& project : TRY(project_audience(scope, scopes))) add_once(audience, project);
    return audience;
}

Result<std::vector<std::string>> Clients::project_audience(InstanceScope scope, const std::vector<std::string>& scopes) const {
    std::vector<std::string> audience;
    for (const auto& id : projects_in_scope(scopes)) {
        if (id != scope::kOwnProject) {
            add_once(audience, id);
        } else if (const auto own = TRY(own_project(scope)); !own.empty()) {
            add_once(audience, own);
        }
    }
    return audience;
}

Result<std::vector<std::string>> Clients::shown_scopes(InstanceScope scope, const Client& client, std::vector<std::string> scopes) const {
    if (!client.project_asserts_roles || !with_prefix(scopes, scope::kRolePrefix).empty()) return scopes;
    const auto roles = TRY(services_.store.read(store::Database::directory,
                                                [&](store::Reader& db) { return project::role_keys_of(db, scope, client.project); }));
    for (const auto& role : roles) scopes.push_back(std::string(scope::kRolePrefix) + role);
    return scopes;
}

Result<std::string> Clients::own_project(InstanceScope scope) const {
    const auto key = TRY(services_.instances.get(scope)).project;
    if (!key) return std::string();
    const auto project =
        TRY(services_.store.read(store::Database::directory, [&](store::Reader& db) { return project::find_project(db, scope, key); }));
    return project ? project->id : std::string();
}

}  // namespace godwit::oidc
