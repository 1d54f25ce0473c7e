// Which roles are told to whom, and who may sign in at all.
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "directory/grant/user_grants.h"
#include "directory/project/grants.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"

namespace godwit::oidc {
namespace {

std::string payload_of(const std::string& jwt) { return crypto::parse_unverified_jwt(jwt)->payload; }
bool tells_roles(const std::string& json) { return json.find(":roles\":{") != std::string::npos; }

/// The project has the roles reader and writer; Ann holds both of Acme's own grant, and "boss" in another project of Acme's.
class RoleClaimsTest : public ProviderTest {
protected:
    RoleClaimsTest() {
        org_id = orgs.get(*org)->id;
        domain = orgs.get(*org)->primary_domain;
        other_project = projects.create(*org, {}, {.name = "Q", .id = {}, .flags = {}})->id;
        add_role(project, "reader");
        add_role(project, "writer");
        add_role(other_project, "boss");
        grant_id = give(project, {"reader", "writer"});
        give(other_project, {"boss"});
    }
    void add_role(const std::string& of, std::string key) {
        const project::Role role{.key = std::move(key), .display_name = "R"};
        EXPECT_TRUE(projects.add_roles(*org, {}, of, std::span(&role, 1)));
    }
    std::string give(const std::string& of, project::RoleKeys roles) {
        const auto given = user_grants.add(*org, user::Ref::of(home, ann.id), {of, "", std::move(roles)}, {});
        EXPECT_TRUE(given) << given.error().message;
        return given->id;
    }
    void set_flags(const project::Flags& flags) { EXPECT_TRUE(projects.update(*org, {}, project, "P", flags)); }

    Tokens sign_in_for(const App& app, const std::string& scope) {
        return tokens_of(exchange(app, parameter(answer(app, sign_in(ann.id), {{"scope", scope}}), "code")));
    }
    std::string told(const std::string& scope) { return body_of(userinfo(sign_in_for(native, scope).access)); }
    std::string roles(const std::string& role) const { return "{\"" + role + "\":{\"" + org_id + "\":\"" + domain + "\"}}"; }
    static std::string member_json(const std::string& name, const std::string& json) { return "\"" + name + "\":" + json; }

    grant::UserGrants user_grants{store()};
    std::string org_id, domain, other_project, grant_id;
};
GODWIT_ON_BOTH_ENGINES(RoleClaimsTest);

TEST_P(RoleClaimsTest, TellsThemToWhoAsks) {
    const std::string own = "urn:zitadel:iam:org:project:roles", all = "urn:zitadel:iam:org:projects:roles";
    const std::string of_project = "urn:zitadel:iam:org:project:" + project + ":roles";
    EXPECT_FALSE(tells_roles(told("openid profile")));

    const auto reader = told("openid urn:zitadel:iam:org:project:role:reader urn:zitadel:iam:org:project:role:nobody");
    for (const auto& name : {own, of_project, all})
        EXPECT_NE(reader.find(member_json(name, roles("reader"))), std::string::npos) << name << " in " << reader;
    EXPECT_FALSE(tells_roles(told("openid urn:zitadel:iam:org:project:role:nobody")));

    const auto both = told("openid " + all);
    EXPECT_NE(both.find("\"reader\""), std::string::npos);
    EXPECT_NE(both.find("\"writer\""), std::string::npos);
    EXPECT_EQ(both.find("\"boss\""), std::string::npos) << "not in the audience";

    const std::string other_audience = " urn:zitadel:iam:org:project:id:" + other_project + ":aud";
    EXPECT_NE(
        told("openid " + all + other_audience).find(member_json("urn:zitadel:iam:org:project:" + other_project + ":roles", roles("boss"))),
        std::string::npos);
    EXPECT_FALSE(tells_roles(told("openid" + other_audience))) << "an audience alone asks for no roles";

    EXPECT_FALSE(tells_roles(told("openid " + all + " urn:zitadel:iam:org:roles:id:999")));
    EXPECT_TRUE(tells_roles(told("openid " + all + " urn:zitadel:iam:org:roles:id:999 urn:zitadel:iam:org:roles:id:" + org_id)));
}

TEST_P(RoleClaimsTest, AnApiLearnsOfItsOwnProjectOnly) {
    const auto tokens =
        sign_in_for(native, "openid urn:zitadel:iam:org:projects:roles urn:zitadel:iam:org:project:id:" + other_project + ":aud");
    EXPECT_NE(body_of(userinfo(tokens.access)).find("boss"), std::string::npos);
    const auto introspected = body_of(post("/oauth/v2/introspect", {{"token", tokens.access}}, &web));
    EXPECT_NE(introspected.find("\"reader\""), std::string::npos) << introspected;
    EXPECT_EQ(introspected.find("boss"), std::string::npos) << introspected;
}

TEST_P(RoleClaimsTest, AProjectMayAssertThemUnasked) {
    const auto chatty = make_app("chatty", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::jwt,
                                 [](application::OidcConfig& config) {
                                     config.access_token_role_assertion = true;
                                     config.id_token_role_assertion = true;
                                 });
    const auto before = sign_in_for(chatty, "openid");
    EXPECT_FALSE(tells_roles(payload_of(before.access)) || tells_roles(payload_of(before.id)) ||
                 tells_roles(body_of(userinfo(before.access))));
    set_flags({.role_assertion = true});
    const auto now = sign_in_for(chatty, "openid");
    EXPECT_TRUE(tells_roles(payload_of(now.access)));
    EXPECT_TRUE(tells_roles(payload_of(now.id)));
    const auto quiet = sign_in_for(web, "openid");
    EXPECT_FALSE(tells_roles(payload_of(quiet.access))) << "the application leaves them out";
    EXPECT_FALSE(tells_roles(payload_of(quiet.id)));
    EXPECT_TRUE(tells_roles(body_of(userinfo(quiet.access))));

    const auto introspected = body_of(post("/oauth/v2/introspect", {{"token", quiet.access}}, &web));
    EXPECT_EQ(member(introspected, "scope"), "openid urn:zitadel:iam:org:project:role:reader urn:zitadel:iam:org:project:role:writer");
    const auto id = parameter(authorize(web, {{"scope", "openid urn:zitadel:iam:org:project:role:x"}}), "authRequest");
    const auto request = *provider.auth_requests().get(home, id);
    EXPECT_EQ(format_scopes(*provider.auth_requests().shown_scopes(home, request)), "openid urn:zitadel:iam:org:project:role:x");
}

TEST_P(RoleClaimsTest, WhatIsTakenAwayIsGoneAtOnce) {
    const std::string scope = "openid urn:zitadel:iam:org:projects:roles";
    const auto token = sign_in_for(native, scope).access;
    EXPECT_NE(body_of(userinfo(token)).find("\"writer\""), std::string::npos);
    ASSERT_TRUE(projects.remove_role(*org, {}, project, "writer"));
    EXPECT_EQ(body_of(userinfo(token)).find("\"writer\""), std::string::npos);
    ASSERT_TRUE(user_grants.deactivate({*org, "ann-1", grant_id}, {}));
    EXPECT_FALSE(tells_roles(body_of(userinfo(token))));
}

TEST_P(RoleClaimsTest, AMachineTellsOfTheProjectsItAsksFor) {
    const auto machine = make_machine("robot", user::TokenKind::jwt);
    ASSERT_TRUE(user_grants.add(*org, user::Ref::of(home, machine.id), {project, "", {"reader"}}, {}));
    const auto secret = machines.generate_secret(user::Ref::of(home, machine.id), {});
    ASSERT_TRUE(secret);
    const App self{"robot", std::string(secret->secret.reveal())};
    const auto response = post("/oauth/v2/token",
                               {{"grant_type", "client_credentials"},
                                {"scope", "openid urn:zitadel:iam:org:projects:roles urn:zitadel:iam:org:project:id:" + project + ":aud"}},
                               &self);
    const auto payload = payload_of(tokens_of(response).access);
    EXPECT_NE(payload.find(member_json("urn:zitadel:iam:org:project:" + project + ":roles", roles("reader"))), std::string::npos)
        << payload;
    EXPECT_EQ(payload.find("org:project:roles"), std::string::npos) << "it has no project of its own";
}

TEST_P(RoleClaimsTest, TellsTheOrganizationThatWasAskedFor) {
    const auto json = told("openid urn:zitadel:iam:org:id:" + org_id);
    EXPECT_EQ(member(json, "urn:zitadel:iam:org:id"), org_id);
    EXPECT_EQ(member(json, "urn:zitadel:iam:user:resourceowner:primary_domain"), domain);
    EXPECT_EQ(member(told("openid urn:zitadel:iam:org:domain:primary:" + domain), "urn:zitadel:iam:org:domain:primary"), domain);
}

TEST_P(RoleClaimsTest, AProjectMayWantARoleOrAnOrganization) {
    const auto bob = make_human("bob");
    const auto error_for = [&](UserId user) {
        const auto id = parameter(authorize(web), "authRequest");
        const auto done = provider.auth_requests().finish(home, id, sign_in(user));
        return done ? std::string() : done.error().id;
    };
    EXPECT_EQ(error_for(bob.id), "");
    set_flags({.role_check = true});
    EXPECT_EQ(error_for(bob.id), "OIDC-Rol01");
    EXPECT_EQ(error_for(ann.id), "");
    browser.sessions = {*sessions.get(home, std::to_string(sign_in(bob.id).key))};
    const auto silent = authorize(web, {{"prompt", "none"}});
    EXPECT_EQ(parameter(silent, "error"), "access_denied") << silent;

    const OrgScope elsewhere(home, orgs.create(home, {}, {.name = "Other", .id = {}})->key);
    const auto eve = make_human("eve", elsewhere);
    set_flags({.has_project_check = true});
    EXPECT_EQ(error_for(eve.id), "OIDC-Prj01");
    EXPECT_EQ(error_for(bob.id), "");
    project::Grants grants(store());
    ASSERT_TRUE(grants.add(*org, {.project_id = project, .granted_org_id = orgs.get(elsewhere)->id, .roles = {"reader"}}, {}));
    EXPECT_EQ(error_for(eve.id), "");
}

TEST_P(RoleClaimsTest, AClientWhoseClockIsOffGetsSomeSlack) {
    const auto slow = make_app("slow", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::jwt,
                               [](application::OidcConfig& config) { config.clock_skew = std::chrono::seconds(4); });
    const auto tokens = sign_in_for(slow, "openid");
    const auto now = clock().now();
    const auto claims = read_claims(payload_of(tokens.id));
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->iat, now.seconds() - 4);
    EXPECT_EQ(claims->exp, (now + std::chrono::hours(12)).seconds() + 4);
    EXPECT_EQ(read_claims(payload_of(tokens.access))->nbf, now.seconds() - 4);
    EXPECT_EQ(userinfo(tokens.access).status, 200);
}

}  // namespace
}  // namespace godwit::oidc
