// RFC 8693: what is given for what, and who may act as somebody else.
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "directory/member/members.h"
#include "godwit/settings/v1/settings.pb.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"

namespace godwit::oidc {
namespace {

constexpr const char* kAccessToken = "urn:ietf:params:oauth:token-type:access_token";
constexpr const char* kIdToken = "urn:ietf:params:oauth:token-type:id_token";
constexpr const char* kJwt = "urn:ietf:params:oauth:token-type:jwt";
constexpr const char* kUserId = "urn:zitadel:params:oauth:token-type:user_id";

class TokenExchangeTest : public ProviderTest {
protected:
    TokenExchangeTest() {
        broker = make_app("broker", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::bearer,
                          [](application::OidcConfig& config) { config.grant_types.push_back(application::GrantType::token_exchange); });
        robot = make_machine("robot", user::TokenKind::opaque).id;
        robot_pat = std::string(machines.add_pat(user::Ref::of(home, robot), std::nullopt, {}, {})->token.reveal());
    }
    http::Response swap(const App& app, Form form) {
        form.emplace_back("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
        return post("/oauth/v2/token", form, &app);
    }
    http::Response swap_token(const std::string& subject, Form more = {}) {
        Form form = {{"subject_token", subject}, {"subject_token_type", kAccessToken}};
        form.insert(form.end(), more.begin(), more.end());
        return swap(broker, form);
    }
    http::Response impersonate(const std::string& user_id, const std::string& actor, Form more = {}) {
        Form form = {{"subject_token", user_id}, {"subject_token_type", kUserId}, {"scope", "openid"}};
        if (!actor.empty()) form.insert(form.end(), {{"actor_token", actor}, {"actor_token_type", kAccessToken}});
        form.insert(form.end(), more.begin(), more.end());
        return swap(broker, form);
    }
    void allow_impersonation() {
        settings::v1::SecuritySettings security;
        security.set_enable_impersonation(true);
        ASSERT_TRUE(settings.set(OrgScope(home, OrgId{}), {}, security));
    }
    void make_member(UserId user, const std::string& role) {
        member::Members members(store());
        ASSERT_TRUE(members.add(home, member::Place::organization(org->org()), {}, user, {role}));
    }
    static std::string error_of(const http::Response& response) { return member(body_of(response), "error"); }
    static std::string why(const http::Response& response) { return member(body_of(response), "error_description"); }

    App broker;
    UserId robot;
    std::string robot_pat;
};
GODWIT_ON_BOTH_ENGINES(TokenExchangeTest);

TEST_P(TokenExchangeTest, GivesATokenForATokenInEachForm) {
    const auto mine = sign_in_to(web).access;
    const auto opaque = swap_token(mine, {{"scope", "openid email"}});
    ASSERT_EQ(opaque.status, 200) << body_of(opaque);
    EXPECT_EQ(member(body_of(opaque), "issued_token_type"), kAccessToken);
    EXPECT_EQ(member(body_of(opaque), "token_type"), "Bearer");
    EXPECT_EQ(member(body_of(opaque), "scope"), "openid email");
    EXPECT_EQ(member(body_of(opaque), "refresh_token"), "");
    const auto fresh = member(body_of(opaque), "access_token");
    EXPECT_EQ(fresh.find('.'), std::string::npos);
    EXPECT_EQ(member(body_of(userinfo(fresh)), "email"), "ann@example.com");

    const auto jwt = member(body_of(swap_token(mine, {{"requested_token_type", kJwt}, {"scope", "openid"}})), "access_token");
    EXPECT_EQ(read_claims(crypto::parse_unverified_jwt(jwt)->payload)->sub, "ann-1");
    EXPECT_EQ(userinfo(jwt).status, 200);

    const auto id = swap_token(mine, {{"requested_token_type", kIdToken}});
    EXPECT_EQ(member(body_of(id), "token_type"), "N_A");
    const auto claims = read_claims(crypto::parse_unverified_jwt(member(body_of(id), "access_token"))->payload);
    EXPECT_EQ(claims->azp, broker.client_id);
    EXPECT_EQ(userinfo(member(body_of(id), "access_token")).status, 401);
}

TEST_P(TokenExchangeTest, NarrowsTheAudienceAndNeverWidensIt) {
    const auto mine = sign_in_to(web).access;
    const auto narrow = member(body_of(swap_token(mine, {{"requested_token_type", kJwt}, {"audience", project}})), "access_token");
    EXPECT_EQ(read_claims(crypto::parse_unverified_jwt(narrow)->payload)->aud, std::vector<std::string>{project});
    EXPECT_EQ(error_of(swap_token(mine, {{"audience", "elsewhere"}})), "invalid_target");
    EXPECT_EQ(error_of(swap_token(mine, {{"resource", "https://api.example"}})), "invalid_target");
}

TEST_P(TokenExchangeTest, EndsWithTheSubjectsSession) {
    const auto session = sign_in(ann.id);
    const auto mine = tokens_of(exchange(web, parameter(answer(web, session), "code"))).access;
    for (const auto* form : {kAccessToken, kJwt}) {
        const auto fresh = member(body_of(swap_token(mine, {{"requested_token_type", form}})), "access_token");
        EXPECT_EQ(userinfo(fresh).status, 200) << form;
    }
    const auto fresh = member(body_of(swap_token(mine, {{"requested_token_type", kJwt}})), "access_token");
    ASSERT_TRUE(sessions.terminate(home, session, {}));
    EXPECT_EQ(userinfo(fresh).status, 401);
}

TEST_P(TokenExchangeTest, RefusesWhatDoesNotFit) {
    const auto tokens = sign_in_to(web);
    struct Row {
        const char* name;
        http::Response response;
        std::string_view error;
    };
    const Row rows[] = {
        {"client without the grant", swap(web, {{"subject_token", tokens.access}, {"subject_token_type", kAccessToken}}),
         "unauthorized_client"},
        {"no subject", swap(broker, {{"subject_token_type", kAccessToken}}), "invalid_request"},
        {"no type", swap(broker, {{"subject_token", tokens.access}}), "invalid_request"},
        {"unknown type", swap(broker, {{"subject_token", tokens.access}, {"subject_token_type", "x"}}), "invalid_request"},
        {"unknown wish", swap_token(tokens.access, {{"requested_token_type", "foo"}}), "invalid_request"},
        {"an id_token", swap(broker, {{"subject_token", tokens.id}, {"subject_token_type", kIdToken}}), "invalid_request"},
        {"garbage", swap_token("x"), "invalid_request"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(row.response.status, 400) << row.name;
        EXPECT_EQ(error_of(row.response), row.error) << row.name << body_of(row.response);
    }
    const App self{"robot", std::string(machines.generate_secret(user::Ref::of(home, robot), {})->secret.reveal())};
    const auto elsewhere = tokens_of(post("/oauth/v2/token", {{"grant_type", "client_credentials"}, {"scope", "openid"}}, &self)).access;
    EXPECT_EQ(why(swap_token(elsewhere)), "subject_token invalid") << "a token that is not meant for this client";
}

TEST_P(TokenExchangeTest, ActsForSomebodyOnlyWhereThatIsAllowed) {
    const auto off = impersonate("ann-1", "");
    EXPECT_EQ(off.status, 403);
    EXPECT_EQ(why(off), "Errors.TokenExchange.Impersonation.PolicyDisabled");
    EXPECT_EQ(impersonate("ann-1", robot_pat).status, 403);
    allow_impersonation();
    EXPECT_EQ(why(impersonate("ann-1", "")), "actor_token missing");
    EXPECT_EQ(impersonate("ann-1", robot_pat).status, 403) << "without the permission";
    make_member(robot, "ORG_END_USER_IMPERSONATOR");
    EXPECT_EQ(why(impersonate("nobody", robot_pat)), "subject_token invalid");
    EXPECT_EQ(why(impersonate("ann-1", "x")), "actor_token invalid");

    const auto done = impersonate("ann-1", robot_pat, {{"requested_token_type", kJwt}});
    ASSERT_EQ(done.status, 200) << body_of(done);
    const auto access = member(body_of(done), "access_token");
    const auto claims = read_claims(crypto::parse_unverified_jwt(access)->payload);
    EXPECT_EQ(claims->sub, "ann-1");
    EXPECT_EQ(claims->actors, std::vector<std::string>{"robot-1"});
    EXPECT_EQ(read_claims(crypto::parse_unverified_jwt(member(body_of(done), "id_token"))->payload)->actors,
              std::vector<std::string>{"robot-1"});
    EXPECT_EQ(member(body_of(userinfo(access)), "sub"), "ann-1");
    for (const auto& token : {access, member(body_of(impersonate("ann-1", robot_pat)), "access_token")}) {
        const auto told = body_of(post("/oauth/v2/introspect", {{"token", token}}, &broker));
        EXPECT_NE(told.find(R"("act":{"iss":"http://localhost:8080","sub":"robot-1"})"), std::string::npos) << told;
    }

    make_member(ann.id, "ORG_OWNER");
    EXPECT_EQ(impersonate("ann-1", robot_pat).status, 403) << "who manages something needs a stronger permission";
}

TEST_P(TokenExchangeTest, KeepsTheChainOfWhoActed) {
    allow_impersonation();
    make_member(robot, "ORG_ADMIN_IMPERSONATOR");
    const auto other = make_machine("relay", user::TokenKind::opaque).id;
    make_member(other, "ORG_ADMIN_IMPERSONATOR");
    const auto relay = std::string(machines.add_pat(user::Ref::of(home, other), std::nullopt, {}, {})->token.reveal());
    const auto first = member(body_of(impersonate("ann-1", robot_pat)), "access_token");
    const auto second = swap_token(first, {{"actor_token", relay}, {"actor_token_type", kAccessToken}, {"requested_token_type", kJwt}});
    const auto claims = read_claims(crypto::parse_unverified_jwt(member(body_of(second), "access_token"))->payload);
    ASSERT_TRUE(claims) << body_of(second);
    EXPECT_EQ(claims->actors, (std::vector<std::string>{"relay-1", "robot-1"}));
    EXPECT_EQ(claims->sub, "ann-1");
}

}  // namespace
}  // namespace godwit::oidc
