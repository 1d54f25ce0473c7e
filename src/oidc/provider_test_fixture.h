// A provider over a real store with one instance, project, two applications and a person, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/url.h"
#include "crypto/sealer.h"
#include "directory/app/apps.h"
#include "directory/instance/instances.h"
#include "directory/key/sealers.h"
#include "directory/key/signing_keys.h"
#include "directory/org/orgs.h"
#include "directory/project/projects.h"
#include "directory/session/sessions.h"
#include "directory/settings/settings.h"
#include "directory/user/machines.h"
#include "directory/user/users.h"
#include "oidc/auth_requests.h"
#include "oidc/pkce.h"
#include "oidc/provider.h"
#include "store/store_test_fixture.h"

namespace godwit::oidc {
using Form = QueryParameters;

inline const std::string kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline const std::string kCallback = "https://app.example/cb";

inline crypto::MasterKey master_key() { return *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))); }

/// Whatever sessions a test puts there.
class FakeBrowser final : public BrowserSessions {
public:
    Result<std::vector<session::Session>> of(InstanceScope, const http::Request&) override { return sessions; }
    std::vector<session::Session> sessions;
};

inline std::string parameter(std::string_view url, std::string_view name) {
    const auto question = url.find('?');
    const auto query = parse_query(question == url.npos ? "" : url.substr(question + 1));
    return query ? std::string(find_parameter(*query, name).value_or("")) : "";
}

/// The text of a member of a flat JSON object.
inline std::string member(std::string_view json, std::string_view name) {
    const auto at = json.find("\"" + std::string(name) + "\":\"");
    if (at == json.npos) return "";
    const auto begin = at + name.size() + 4;
    return std::string(json.substr(begin, json.find('"', begin) - begin));
}

inline const std::string& body_of(const http::Response& response) { return std::get<std::string>(response.body); }

class ProviderTest : public store::StoreTest {
protected:
    ProviderTest()
        : instances(store(), {.secure = false, .port = 8080}),
          settings(store()),
          orgs(store(), instances),
          sealers(store(), master_key()),
          signing_keys(store(), sealers),
          users(store(), sealers),
          machines(store(), clock()),
          projects(store()),
          apps(store()),
          sessions(store(), clock()),
          provider(services({})) {
        home = make_instance("localhost");
        org.emplace(home, orgs.create(home, {}, {.name = "Acme", .id = {}})->key);
        project = projects.create(*org, {}, {.name = "P", .id = {}, .flags = {}})->id;
        web = make_app("web", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::jwt);
        native = make_app("native", application::OidcAuthMethod::none, application::AppType::native, application::TokenType::bearer);
        ann = make_human("ann");
    }

    Services services(const Rules& rules) {
        return {.store = store(),
                .clock = clock(),
                .instances = instances,
                .settings = settings,
                .orgs = orgs,
                .projects = projects,
                .apps = apps,
                .users = users,
                .machines = machines,
                .sessions = sessions,
                .sealers = sealers,
                .signing_keys = signing_keys,
                .browser = browser,
                .rules = rules,
                .outgoing = {.allowed = {*http::IpPrefix::parse("127.0.0.0/8")}}};
    }
    InstanceScope make_instance(const std::string& host) {
        const auto key = key::SigningKeys::make({.algorithm = crypto::Algorithm::ES256});
        const auto made = store().write(store::Database::directory, [&](store::Writer& db) -> Result<InstanceScope> {
            const auto instance = TRY(instances.create(db, {}, {.name = host, .primary_host = host, .other_hosts = {}}));
            const auto sealer = TRY(sealers.create(db, instance.scope()));
            TRY(signing_keys.create(db, instance.scope(), {}, *sealer, crypto::Algorithm::ES256, key));
            return instance.scope();
        });
        EXPECT_TRUE(made) << made.error().message;
        EXPECT_TRUE(instances.set_running(*made));
        return *made;
    }

    struct App {
        std::string client_id, secret;
    };
    App make_app(const std::string& name, application::OidcAuthMethod method, application::AppType type, application::TokenType tokens,
                 const std::function<void(application::OidcConfig&)>& change = {}) {
        application::OidcConfig config;
        config.redirect_uris = {kCallback};
        config.post_logout_redirect_uris = {"https://app.example/out"};
        config.response_types = {application::ResponseType::code};
        config.grant_types = {application::GrantType::authorization_code, application::GrantType::refresh_token};
        config.app_type = type;
        config.auth_method = method;
        config.access_token_type = tokens;
        if (change) change(config);
        const auto made = apps.create(*org, project, {}, {.name = name, .id = {}, .client_id = {}, .secret = {}, .config = config});
        EXPECT_TRUE(made) << made.error().message;
        return {made->app.client_id, std::string(made->client_secret.reveal())};
    }

    user::Created make_human(const std::string& name) { return make_human(name, *org); }
    user::Created make_human(const std::string& name, const OrgScope& of) {
        user::NewHuman human;
        human.profile.first_name = "Ann";
        human.profile.last_name = "Lee";
        human.profile.language = "de";
        human.email = name + "@example.com";
        human.email_verified = true;
        human.password = user::NewPassword{"$plain$x", "plain", false};
        user::NewUser wanted;
        wanted.given_id = name + "-1";
        wanted.name = name;
        wanted.as = human;
        const auto made = users.create(of, wanted, {});
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }

    user::Created make_machine(const std::string& name, user::TokenKind tokens, std::vector<user::NewMachineKey> keys = {}) {
        user::NewMachine machine;
        machine.name = "R";
        machine.token_kind = tokens;
        machine.keys = std::move(keys);
        user::NewUser wanted;
        wanted.given_id = name + "-1";
        wanted.name = name;
        wanted.as = machine;
        const auto made = users.create(*org, wanted, {});
        EXPECT_TRUE(made) << made.error().message;
        return *made;
    }

    SessionId sign_in(UserId user) {
        session::Update update;
        update.user = user;
        update.org = org->org();
        update.password = true;
        return sessions.create(home, update, std::nullopt, 0, {})->id;
    }

    http::Response send(http::Request request) {
        if (request.host.empty()) request.host = "localhost";
        auto route = provider.route(request);
        EXPECT_TRUE(route) << request.path;
        return route->handle(request);
    }
    http::Response get(std::string path, std::string query = {}) {
        http::Request request;
        request.method = "GET";
        request.path = std::move(path);
        request.query = std::move(query);
        return send(std::move(request));
    }
    http::Response post(std::string path, const Form& form, const App* basic = nullptr, std::string authorization = {}) {
        http::Request request;
        request.method = "POST";
        request.path = std::move(path);
        request.body = build_query(form);
        request.headers.set("content-type", "application/x-www-form-urlencoded");
        if (basic) authorization = "Basic " + base64_encode(basic->client_id + ":" + basic->secret);
        if (!authorization.empty()) request.headers.set("authorization", authorization);
        return send(std::move(request));
    }
    http::Response userinfo(const std::string& token) {
        http::Request request;
        request.method = "GET";
        request.path = "/oidc/v1/userinfo";
        request.headers.set("authorization", "Bearer " + token);
        return send(std::move(request));
    }

    Form asking(const App& app, Form more = {}) {
        Form form = {{"client_id", app.client_id},
                     {"redirect_uri", kCallback},
                     {"response_type", "code"},
                     {"state", "st"},
                     {"nonce", "no"},
                     {"code_challenge", pkce::challenge_of(kVerifier)},
                     {"code_challenge_method", "S256"}};
        if (!find_parameter(more, "scope")) form.emplace_back("scope", "openid profile email offline_access");
        form.insert(form.end(), more.begin(), more.end());
        return form;
    }
    std::string authorize(const App& app, Form more = {}) {
        const auto response = get("/oauth/v2/authorize", build_query(asking(app, std::move(more))));
        EXPECT_EQ(response.status, 302) << body_of(response);
        return std::string(response.headers.get("location"));
    }
    /// The address the browser is sent to after signing in.
    std::string answer(const App& app, SessionId session, Form more = {}) {
        const auto request = parameter(authorize(app, std::move(more)), "authRequest");
        const auto location = provider.auth_requests().finish(home, request, session);
        EXPECT_TRUE(location) << location.error().message;
        return location.value_or("");
    }
    http::Response exchange(const App& app, const std::string& code, Form more = {}) {
        Form form = {{"grant_type", "authorization_code"}, {"code", code}};
        for (const auto& [name, value] : Form{{"redirect_uri", kCallback}, {"code_verifier", kVerifier}})
            if (!find_parameter(more, name)) form.emplace_back(name, value);
        form.insert(form.end(), more.begin(), more.end());
        if (app.secret.empty()) form.emplace_back("client_id", app.client_id);
        return post("/oauth/v2/token", form, app.secret.empty() ? nullptr : &app);
    }
    http::Response refresh(const App& app, const std::string& token, Form more = {}) {
        Form form = {{"grant_type", "refresh_token"}, {"refresh_token", token}};
        form.insert(form.end(), more.begin(), more.end());
        if (app.secret.empty()) form.emplace_back("client_id", app.client_id);
        return post("/oauth/v2/token", form, app.secret.empty() ? nullptr : &app);
    }
    struct Tokens {
        std::string access, refresh, id;
    };
    Tokens tokens_of(const http::Response& response) {
        EXPECT_EQ(response.status, 200) << body_of(response);
        return {member(body_of(response), "access_token"), member(body_of(response), "refresh_token"),
                member(body_of(response), "id_token")};
    }
    Tokens sign_in_to(const App& app) { return tokens_of(exchange(app, parameter(answer(app, sign_in(ann.id)), "code"))); }

    instance::Instances instances;
    settings::Settings settings;
    org::Orgs orgs;
    key::Sealers sealers;
    key::SigningKeys signing_keys;
    user::Users users;
    user::Machines machines;
    project::Projects projects;
    application::Apps apps;
    session::Sessions sessions;
    FakeBrowser browser;
    Provider provider;

    InstanceScope home = scope();
    std::optional<OrgScope> org;
    std::string project;
    App web, native;
    user::Created ann;
};

}  // namespace godwit::oidc
