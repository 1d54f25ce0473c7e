// The claims parameter, acr_values and sub: what a client asks for by name (OpenID Connect Core section 5.5).
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "oidc/provider_test_fixture.h"

namespace godwit::oidc {
namespace {

class RequestedClaimsTest : public ProviderTest {
protected:
    static std::string payload(const std::string& jwt) { return crypto::parse_unverified_jwt(jwt)->payload; }
    SessionId sign_in_with_two_factors() {
        session::Update update;
        update.user = ann.id;
        update.org = org->org();
        update.password = update.totp = true;
        return sessions.create(home, update, std::nullopt, 0, {})->id;
    }
    Tokens tokens_with(SessionId session, Form more) {
        return tokens_of(exchange(web, parameter(answer(web, session, std::move(more)), "code")));
    }
};
GODWIT_ON_BOTH_ENGINES(RequestedClaimsTest);

TEST_P(RequestedClaimsTest, AreToldWhereTheyWereAskedFor) {
    const auto session = sign_in(ann.id);
    const auto tokens =
        tokens_with(session, {{"scope", "openid offline_access"},
                              {"claims", R"({"id_token":{"email":{"essential":true}},"userinfo":{"given_name":null,)"
                                         R"("family_name":{"value":"Smith"},"locale":{"values":["fr","de"]},"nope":null}})"}});
    EXPECT_EQ(member(payload(tokens.id), "email"), "ann@example.com");
    EXPECT_EQ(member(payload(tokens.id), "given_name"), "");
    const std::string info = R"({"sub":"ann-1","given_name":"Ann","locale":"de"})";
    EXPECT_EQ(body_of(userinfo(tokens.access)), info) << "a name of another value is left out";
    const auto refreshed = tokens_of(refresh(web, tokens.refresh));
    EXPECT_EQ(body_of(userinfo(refreshed.access)), info) << "after a refresh too";
    EXPECT_EQ(member(payload(refreshed.id), "email"), "ann@example.com");
    const auto other = tokens_with(session, {{"scope", "openid profile"}, {"claims", R"({"userinfo":{"family_name":{"value":"Smith"}}})"}});
    EXPECT_EQ(member(body_of(userinfo(other.access)), "given_name"), "Ann");
    EXPECT_EQ(member(body_of(userinfo(other.access)), "family_name"), "");
}

TEST_P(RequestedClaimsTest, NameThePersonWhoMayAnswer) {
    const auto bob = make_human("bob");
    const auto anns = sign_in(ann.id), bobs = sign_in(bob.id);
    const Form for_ann = {{"claims", R"({"id_token":{"sub":{"value":"ann-1"}}})"}};
    const auto id = parameter(authorize(web, for_ann), "authRequest");
    EXPECT_EQ(provider.auth_requests().finish(home, id, bobs).error().id, "OIDC-Ses03");
    EXPECT_TRUE(provider.auth_requests().finish(home, id, anns));
    Form silent = for_ann;
    silent.emplace_back("prompt", "none");
    browser.sessions = {*sessions.get(home, std::to_string(bobs.key))};
    EXPECT_EQ(parameter(authorize(web, silent), "error"), "login_required");
    browser.sessions.push_back(*sessions.get(home, std::to_string(anns.key)));
    EXPECT_NE(parameter(authorize(web, silent), "code"), "");
}

TEST_P(RequestedClaimsTest, TellTheAcrThatWasReached) {
    const auto one = sign_in(ann.id), two = sign_in_with_two_factors();
    const std::string k1 = "urn:godwit:acr:1fa", k2 = "urn:godwit:acr:2fa";
    struct Row {
        SessionId session;
        Form asked;
        std::string acr;
    };
    for (const auto& [session, asked, acr] :
         {Row{one, {}, ""},
          {one, {{"acr_values", "gold " + k2}}, k1},
          {two, {{"acr_values", "gold " + k2}}, k2},
          {two, {{"acr_values", k1 + " " + k2}}, k1},
          {two, {{"claims", R"({"id_token":{"acr":{"essential":true}}})"}}, k2},
          {two, {{"claims", R"({"id_token":{"acr":{"essential":true,"value":")" + k2 + R"("}}})"}}, k2}})
        EXPECT_EQ(member(payload(tokens_with(session, asked).id), "acr"), acr) << build_query(asked);
}

TEST_P(RequestedClaimsTest, RefuseASignInWithoutTheEssentialAcr) {
    const Form strict = {{"claims", R"({"id_token":{"acr":{"essential":true,"values":["gold","urn:godwit:acr:2fa"]}}})"}};
    const auto one = sign_in(ann.id);
    EXPECT_EQ(parameter(answer(web, one, strict), "error"), "unmet_authentication_requirements");
    Form silent = strict;
    silent.emplace_back("prompt", "none");
    browser.sessions = {*sessions.get(home, std::to_string(one.key))};
    EXPECT_EQ(parameter(authorize(web, silent), "error"), "login_required") << "a better session may be had";
    EXPECT_EQ(parameter(authorize(web, {{"claims", R"({"id_token":{"acr":{"essential":true,"value":"gold"}}})"}}), "error"),
              "unmet_authentication_requirements");
    EXPECT_NE(parameter(answer(web, sign_in_with_two_factors(), strict), "code"), "");
}

TEST_P(RequestedClaimsTest, OnlyOriginsOfTheApplicationReadUserinfo) {
    const auto spa = make_app("spa", application::OidcAuthMethod::none, application::AppType::user_agent, application::TokenType::bearer,
                              [](auto& config) { config.additional_origins = {"https://other.example"}; });
    const auto tokens = tokens_of(exchange(spa, parameter(answer(spa, sign_in(ann.id)), "code")));
    for (const auto& [origin, status] :
         {std::pair("", 200), {"https://app.example", 200}, {"https://other.example", 200}, {"https://evil.example", 403}, {"null", 403}}) {
        http::Request request;
        request.method = "GET";
        request.path = "/oidc/v1/userinfo";
        request.headers.set("authorization", "Bearer " + tokens.access);
        if (*origin) request.headers.set("origin", origin);
        EXPECT_EQ(send(std::move(request)).status, status) << origin;
    }
}

}  // namespace
}  // namespace godwit::oidc
