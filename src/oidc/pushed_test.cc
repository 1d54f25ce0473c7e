// Where an authorization request comes from besides the address: pushed (RFC 9126), signed (RFC 9101), and where its answer goes.
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/pushed_requests.h"

namespace godwit::oidc {
namespace {

class PushedTest : public ProviderTest {
protected:
    PushedTest() {
        signer = make_app("signer", application::OidcAuthMethod::private_key_jwt, application::AppType::web, application::TokenType::jwt);
        const auto app = apps.find_by_client_id(home, signer.client_id)->get()->id;
        EXPECT_TRUE(
            apps.add_given_key({*org, project, app}, {},
                               {.id = "k1", .public_key = key.public_key().to_der(), .expires = clock().now() + std::chrono::hours(1)}));
    }
    http::Response push(const App& app, Form more = {}) {
        auto form = asking(app, std::move(more));
        return post("/oauth/v2/par", form, app.secret.empty() ? nullptr : &app);
    }
    http::Response use(const App& app, const std::string& request_uri) {
        return get("/oauth/v2/authorize",
                   build_query(Form{{"client_id", app.client_id}, {"request_uri", request_uri}, {"scope", "ignored"}}));
    }
    static std::string error_of(const http::Response& response) { return member(body_of(response), "error"); }
    AuthorizeRequest kept_by(const http::Response& response) {
        EXPECT_EQ(response.status, 302) << body_of(response);
        const auto id = parameter(response.headers.get("location"), "authRequest");
        return provider.auth_requests().get(home, id)->request;
    }
    std::string object(const std::string& members, const std::string& kid = "k1") const {
        return *crypto::encode_jwt(key, crypto::Algorithm::RS256, kid, "JWT",
                                   R"({"iss":")" + signer.client_id + R"(","aud":"http://localhost:8080")" + members + "}");
    }
    http::Response ask(const std::string& request) {
        return get(
            "/oauth/v2/authorize",
            build_query(Form{
                {"client_id", signer.client_id}, {"response_type", "code"}, {"scope", "openid"}, {"state", "open"}, {"request", request}}));
    }

    crypto::PrivateKey key = crypto::PrivateKey::generate_rsa();
    App signer;
};
GODWIT_ON_BOTH_ENGINES(PushedTest);

TEST_P(PushedTest, ARequestIsPushedAndTakenOnce) {
    for (const auto& app : {web, native}) {
        const auto pushed = push(app);
        ASSERT_EQ(pushed.status, 201) << body_of(pushed);
        EXPECT_EQ(pushed.headers.get("cache-control"), "no-store");
        const auto uri = member(body_of(pushed), "request_uri");
        EXPECT_TRUE(uri.starts_with(kPushedPrefix)) << uri;
        EXPECT_NE(body_of(pushed).find(R"("expires_in":90)"), std::string::npos);
        const auto request = kept_by(use(app, uri));
        EXPECT_EQ(request.client_id, app.client_id);
        EXPECT_EQ(request.state, "st");
        EXPECT_EQ(request.scopes.front(), "openid");
        EXPECT_EQ(error_of(use(app, uri)), "invalid_request_uri") << "a second time";
    }
}

TEST_P(PushedTest, WhatIsPushedIsTheClientsOwnAndFreshAndNoCode) {
    const auto uri = member(body_of(push(web)), "request_uri");
    EXPECT_EQ(error_of(use(native, uri)), "invalid_request_uri");
    EXPECT_EQ(error_of(exchange(web, uri.substr(kPushedPrefix.size()))), "invalid_grant");
    EXPECT_EQ(use(web, uri).status, 302) << "neither used it up";
    const auto late = member(body_of(push(web)), "request_uri");
    clock().advance(kPushedTime + std::chrono::seconds(1));
    EXPECT_EQ(error_of(use(web, late)), "invalid_request_uri");
    EXPECT_EQ(error_of(use(web, std::string(kPushedPrefix) + "x")), "invalid_request_uri");
}

TEST_P(PushedTest, WhatWouldBeRefusedAtTheEndpointIsRefusedWhenPushed) {
    App wrong = web;
    wrong.secret = "nope";
    EXPECT_EQ(error_of(push(wrong)), "invalid_client");
    EXPECT_EQ(error_of(post("/oauth/v2/par", asking(web))), "invalid_client") << "without proof";
    EXPECT_EQ(error_of(push(web, {{"request_uri", std::string(kPushedPrefix) + "x"}})), "invalid_request");
    EXPECT_EQ(error_of(push(web, {{"prompt", "none login"}})), "invalid_request");
    EXPECT_EQ(error_of(push(web, {{"state", "again"}})), "invalid_request") << "a parameter twice";
    EXPECT_EQ(error_of(push(web, {{"login_hint", std::string(9000, 'x')}})), "invalid_request");
    EXPECT_EQ(get("/oauth/v2/par").status, 405);
}

TEST_P(PushedTest, ASignedObjectComesBeforeTheAddress) {
    const auto members = R"(,"redirect_uri":")" + kCallback + R"(","state":"signed","max_age":60,"scope":"openid email")";
    const auto request = kept_by(ask(object(members)));
    EXPECT_EQ(request.state, "signed");
    EXPECT_EQ(request.scopes, (Scopes{"openid", "email"}));
    EXPECT_EQ(request.max_age, std::chrono::seconds(60));

    const auto stranger = crypto::PrivateKey::generate_rsa();
    const auto forged = *crypto::encode_jwt(stranger, crypto::Algorithm::RS256, "k1", "JWT",
                                            R"({"iss":")" + signer.client_id + R"(","aud":"http://localhost:8080"})");
    const auto past = std::to_string(clock().now().seconds() - 1);
    const std::pair<const char*, std::string> rows[] = {
        {"not signed", "eyJhbGciOiJub25lIn0.e30."},
        {"of another's key", forged},
        {"unknown key", object(members, "k2")},
        {"expired", object(members + R"(,"exp":)" + past)},
        {"not yet", object(members + R"(,"nbf":)" + std::to_string(clock().now().seconds() + 60))},
        {"another client", object(members + R"(,"client_id":")" + web.client_id + "\"")},
        {"another response type", object(members + R"(,"response_type":"token")")},
        {"an object inside", object(members + R"(,"request":"x")")},
        {"garbage", "abc"},
    };
    for (const auto& [name, request_object] : rows) {
        const auto response = ask(request_object);
        EXPECT_EQ(response.status, 400) << name;
        EXPECT_EQ(error_of(response), "invalid_request_object") << name;
    }
    clock().advance(std::chrono::hours(2));
    EXPECT_EQ(error_of(ask(object(members))), "invalid_request_object") << "the key has expired";
    EXPECT_EQ(parameter(authorize(web, {{"request", object(members)}}), "error"), "request_not_supported");
}

TEST_P(PushedTest, AnAnswerMayGoIntoTheFragment) {
    const auto back = answer(web, sign_in(ann.id), {{"response_mode", "fragment"}});
    ASSERT_TRUE(back.starts_with(kCallback + "#code=")) << back;
    const auto answered = *parse_query(back.substr(back.find('#') + 1));
    EXPECT_EQ(exchange(web, std::string(*find_parameter(answered, "code"))).status, 200);
    EXPECT_EQ(find_parameter(answered, "iss"), "http://localhost:8080");
}

TEST_P(PushedTest, TheServersMetadataIsAtBothPlaces) {
    EXPECT_EQ(body_of(get("/.well-known/oauth-authorization-server")), body_of(get("/.well-known/openid-configuration")));
    EXPECT_EQ(member(body_of(get("/.well-known/oauth-authorization-server")), "pushed_authorization_request_endpoint"),
              "http://localhost:8080/oauth/v2/par");
}

TEST_P(PushedTest, AKeyThatExpiredProvesNoClient) {
    const auto assertion = [&] {
        const auto now = clock().now().seconds();
        return *crypto::encode_jwt(key, crypto::Algorithm::RS256, "k1", "JWT",
                                   R"({"iss":")" + signer.client_id + R"(","sub":")" + signer.client_id +
                                       R"(","aud":"http://localhost:8080","iat":)" + std::to_string(now) + R"(,"exp":)" +
                                       std::to_string(now + 60) + "}");
    };
    const auto introspect = [&] {
        return post("/oauth/v2/introspect", {{"token", "x"},
                                             {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                                             {"client_assertion", assertion()}});
    };
    EXPECT_EQ(introspect().status, 200);
    clock().advance(std::chrono::hours(2));
    EXPECT_EQ(error_of(introspect()), "invalid_client");
}

}  // namespace
}  // namespace godwit::oidc
