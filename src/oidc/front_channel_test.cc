// Tokens from the authorization endpoint: implicit and hybrid answers as a client checks them (OpenID Connect Core 3.2.2 and 3.3.2).
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/token_issuer.h"

namespace godwit::oidc {
namespace {

class FrontChannelTest : public ProviderTest {
protected:
    FrontChannelTest() {
        spa = make_app("spa", application::OidcAuthMethod::none, application::AppType::user_agent, application::TokenType::jwt,
                       [](auto& config) { take_all(config); });
        hybrid = make_app("hybrid", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::bearer,
                          [](auto& config) { take_all(config); });
    }
    static void take_all(application::OidcConfig& config) {
        config.response_types = {application::ResponseType::code, application::ResponseType::id_token,
                                 application::ResponseType::id_token_token};
        config.grant_types.push_back(application::GrantType::implicit);
    }
    Form asking_for(const App& app, std::string type, Form more = {}) {
        Form form = asking(app, std::move(more));
        for (auto& [name, value] : form)
            if (name == "response_type") value = type;
        return form;
    }
    /// What is behind the "#" of the address that the browser is sent to.
    QueryParameters fragment_of(const std::string& location) {
        EXPECT_TRUE(location.starts_with(kCallback + "#")) << location;
        return *parse_query(location.substr(location.find('#') + 1));
    }
    QueryParameters signed_in(const App& app, const std::string& type, SessionId session, Form more = {}) {
        const auto response = get("/oauth/v2/authorize", build_query(asking_for(app, type, std::move(more))));
        EXPECT_EQ(response.status, 302) << body_of(response);
        const auto id = parameter(response.headers.get("location"), "authRequest");
        const auto location = provider.auth_requests().finish(home, id, session);
        EXPECT_TRUE(location) << location.error().message;
        EXPECT_EQ(provider.auth_requests().finish(home, id, session).error().id, "COMMAND-Sx208nt") << "once";
        return fragment_of(*location);
    }
    static std::string value(const QueryParameters& answer, std::string_view name) {
        return std::string(find_parameter(answer, name).value_or(""));
    }
    static std::string payload(const std::string& jwt) { return crypto::parse_unverified_jwt(jwt)->payload; }

    App spa, hybrid;
};
GODWIT_ON_BOTH_ENGINES(FrontChannelTest);

TEST_P(FrontChannelTest, AnswersWithWhatWasAskedAndBindsItTogether) {
    const auto session = sign_in(ann.id);
    for (const std::string type : {"id_token", "id_token token", "code id_token", "code token", "code id_token token"}) {
        const auto answer = signed_in(hybrid, type, session);
        const bool code = type.starts_with("code"), id_token = type.find("id_token") != type.npos;
        const bool token = type.ends_with(" token");
        const auto jwt = value(answer, "id_token"), access = value(answer, "access_token");
        EXPECT_EQ(value(answer, "state"), "st") << type;
        EXPECT_EQ(value(answer, "iss"), "http://localhost:8080") << type;
        EXPECT_EQ(value(answer, "code").empty(), !code) << type;
        EXPECT_EQ(access.empty(), !token) << type;
        EXPECT_EQ(value(answer, "token_type"), token ? "Bearer" : "") << type;
        EXPECT_EQ(value(answer, "expires_in"), token ? "43200" : "") << type;
        EXPECT_EQ(value(answer, "refresh_token"), "") << type;
        ASSERT_EQ(jwt.empty(), !id_token) << type;
        if (id_token) {
            const auto es256 = crypto::Algorithm::ES256;
            EXPECT_EQ(member(payload(jwt), "nonce"), "no") << type;
            EXPECT_EQ(member(payload(jwt), "at_hash"), token ? half_hash(es256, access) : "") << type;
            EXPECT_EQ(member(payload(jwt), "c_hash"), code ? half_hash(es256, value(answer, "code")) : "") << type;
            EXPECT_EQ(member(payload(jwt), "s_hash"), half_hash(es256, "st")) << type;
            EXPECT_EQ(member(payload(jwt), "email"), type == "id_token" ? "ann@example.com" : "")
                << type << ": the claims are where userinfo cannot be asked";
        }
        EXPECT_EQ(userinfo(access).status, token ? 200 : 401) << type;
        EXPECT_EQ(exchange(hybrid, value(answer, "code")).status, code ? 200 : 400) << type;
    }
}

TEST_P(FrontChannelTest, ItsAccessTokensEndLikeOthers) {
    const auto session = sign_in(ann.id);
    const auto revoked = value(signed_in(spa, "id_token token", session), "access_token");
    EXPECT_EQ(post("/oauth/v2/revoke", {{"token", revoked}, {"client_id", spa.client_id}}).status, 200);
    EXPECT_EQ(userinfo(revoked).status, 401);
    const auto with_session = value(signed_in(spa, "id_token token", session), "access_token");
    EXPECT_EQ(userinfo(with_session).status, 200);
    ASSERT_TRUE(sessions.terminate(home, session, {}));
    EXPECT_EQ(userinfo(with_session).status, 401);
}

TEST_P(FrontChannelTest, ErrorsGoWhereTheTokensWould) {
    const auto answered = [&](const std::string& type, Form more) {
        const auto response = get("/oauth/v2/authorize", build_query(asking_for(spa, type, std::move(more))));
        return fragment_of(std::string(response.headers.get("location")));
    };
    EXPECT_EQ(value(answered("id_token", {{"prompt", "none"}}), "error"), "login_required");
    EXPECT_EQ(value(answered("id_token token", {{"response_mode", "query"}}), "error"), "invalid_request");
    const auto session = sign_in(ann.id);
    browser.sessions = {*sessions.get(home, std::to_string(session.key))};
    EXPECT_NE(value(answered("id_token token", {{"prompt", "none"}}), "id_token"), "") << "silent renewal";
    const auto unregistered = get("/oauth/v2/authorize", build_query(asking_for(web, "code id_token")));
    EXPECT_EQ(unregistered.status, 400);
    EXPECT_EQ(member(body_of(unregistered), "error"), "unauthorized_client");
}

}  // namespace
}  // namespace godwit::oidc
