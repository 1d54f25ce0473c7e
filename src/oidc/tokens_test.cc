// Tokens over their life: refreshed, revoked, ended, kept apart; those of machines. On both engines.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "crypto/jwt.h"
#include "oidc/access_tokens.h"
#include "oidc/assertion.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/purge.h"
#include "oidc/token_families.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {
namespace {

class TokensTest : public ProviderTest {};
GODWIT_ON_BOTH_ENGINES(TokensTest);

TEST_P(TokensTest, RotatesRefreshTokens) {
    const auto first = sign_in_to(web);
    const auto second = tokens_of(refresh(web, first.refresh));
    EXPECT_NE(second.refresh, first.refresh);
    EXPECT_EQ(userinfo(first.access).status, 401) << "a refresh ends the access token before it";
    EXPECT_EQ(userinfo(second.access).status, 200);

    const auto retried = tokens_of(refresh(web, first.refresh));
    EXPECT_EQ(retried.refresh, second.refresh) << "an answer that was lost can be had again";
    EXPECT_EQ(member(body_of(refresh(native, second.refresh)), "error"), "invalid_grant") << "bound to its client";
    EXPECT_EQ(member(body_of(refresh(web, second.refresh, {{"scope", "openid phone"}})), "error"), "invalid_scope");
    const auto third = tokens_of(refresh(web, second.refresh, {{"scope", "openid"}}));
    EXPECT_EQ(body_of(userinfo(third.access)), R"({"sub":"ann-1"})");

    clock().advance(std::chrono::seconds(11));
    EXPECT_EQ(member(body_of(refresh(web, first.refresh)), "error"), "invalid_grant");
    EXPECT_EQ(userinfo(third.access).status, 401) << "a copy was used: everything ends";
    EXPECT_EQ(member(body_of(refresh(web, third.refresh)), "error"), "invalid_grant");
}

TEST_P(TokensTest, EndsTokensWithTheSessionTheUserAndRevocation) {
    const auto session = sign_in(ann.id);
    const auto tokens = [&] { return tokens_of(exchange(web, parameter(answer(web, session), "code"))); };
    const auto revoked = tokens(), by_refresh = tokens(), with_session = tokens();
    EXPECT_EQ(post("/oauth/v2/revoke", {{"token", revoked.access}}, &web).status, 200);
    EXPECT_EQ(userinfo(revoked.access).status, 401);
    EXPECT_EQ(post("/oauth/v2/revoke", {{"token", by_refresh.refresh}, {"client_id", native.client_id}}).status, 401);
    EXPECT_EQ(userinfo(by_refresh.access).status, 200);
    EXPECT_EQ(post("/oauth/v2/revoke", {{"token", by_refresh.refresh}}, &web).status, 200);
    EXPECT_EQ(userinfo(by_refresh.access).status, 401);
    EXPECT_EQ(post("/oauth/v2/revoke", {{"token", "garbage"}}, &web).status, 200);

    EXPECT_EQ(userinfo(with_session.access).status, 200);
    const auto out =
        get("/oidc/v1/end_session",
            build_query(Form{{"id_token_hint", with_session.id}, {"post_logout_redirect_uri", "https://app.example/out"}, {"state", "s"}}));
    EXPECT_EQ(out.headers.get("location"), "https://app.example/out?state=s");
    EXPECT_EQ(userinfo(with_session.access).status, 401);

    const auto later = sign_in_to(native);
    EXPECT_EQ(userinfo(later.access).status, 200);
    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(users.deactivate(user::Ref::of(home, ann.id), {}));
    EXPECT_EQ(userinfo(later.access).status, 401);
    ASSERT_TRUE(users.reactivate(user::Ref::of(home, ann.id), {}));
    EXPECT_EQ(userinfo(later.access).status, 401) << "what a deactivation ended stays ended";
    clock().advance(std::chrono::seconds(1));
    const auto fresh = sign_in_to(native);
    clock().advance(std::chrono::hours(13));
    EXPECT_EQ(userinfo(fresh.access).status, 401) << "expired";
}

TEST_P(TokensTest, GivesMachinesTheirTokens) {
    const auto machine = make_machine("robot", user::TokenKind::jwt);
    const auto secret = machines.generate_secret(user::Ref::of(home, machine.id), {});
    ASSERT_TRUE(secret);
    const App robot{secret->client_id, std::string(secret->secret.reveal())};
    const auto ask = [&](const App& app, std::string scopes) {
        return post("/oauth/v2/token", {{"grant_type", "client_credentials"}, {"scope", std::move(scopes)}}, &app);
    };
    const auto tokens = tokens_of(ask(robot, "openid profile urn:zitadel:iam:org:project:id:" + project + ":aud"));
    EXPECT_EQ(member(body_of(userinfo(tokens.access)), "name"), "R");
    EXPECT_TRUE(read_claims(crypto::parse_unverified_jwt(tokens.access)->payload)->is_for(project));
    EXPECT_NE(body_of(post("/oauth/v2/introspect", {{"token", tokens.access}}, &web)).find(R"("amr":["pwd"])"), std::string::npos);
    const auto alone = tokens_of(ask(robot, "openid"));
    EXPECT_EQ(body_of(post("/oauth/v2/introspect", {{"token", alone.access}}, &web)), R"({"active":false})") << "not meant for it";
    EXPECT_EQ(provider.access_tokens().open_for_api(home, {tokens.access, http::TokenScheme::bearer}, nullptr).error().id, "AUTH-7fs1e");
    EXPECT_EQ(member(body_of(ask(robot, "")), "error"), "invalid_request");
    EXPECT_EQ(member(body_of(ask({"robot", "wrong"}, "openid")), "error"), "invalid_client");
    EXPECT_EQ(member(body_of(ask({"ann", "x"}, "openid")), "error_description"), "client not found");
    EXPECT_EQ(member(body_of(post("/oauth/v2/token", {{"grant_type", "client_credentials"}, {"scope", "openid"}})), "error_description"),
              "client_id or client_assertion must be provided");
}

TEST_P(TokensTest, TakesTokensBackFromTheMachineThatHasThem) {
    const auto make_robot = [&](const std::string& name, user::TokenKind kind) {
        const auto machine = make_machine(name, kind);
        const auto secret = machines.generate_secret(user::Ref::of(home, machine.id), {});
        return App{secret->client_id, std::string(secret->secret.reveal())};
    };
    const auto robot = make_robot("robot", user::TokenKind::jwt), other = make_robot("other", user::TokenKind::opaque);
    for (const auto& owner : {robot, other}) {
        const auto& stranger = owner.client_id == robot.client_id ? other : robot;
        const auto token = tokens_of(post("/oauth/v2/token", {{"grant_type", "client_credentials"}, {"scope", "openid"}}, &owner)).access;
        EXPECT_EQ(post("/oauth/v2/revoke", {{"token", token}}, &stranger).status, 401);
        EXPECT_EQ(post("/oauth/v2/revoke", {{"token", token}}, &web).status, 401);
        const App guess{owner.client_id, "wrong"};
        EXPECT_EQ(member(body_of(post("/oauth/v2/revoke", {{"token", token}}, &guess)), "error"), "invalid_client");
        EXPECT_EQ(userinfo(token).status, 200);
        EXPECT_EQ(post("/oauth/v2/revoke", {{"token", token}}, &owner).status, 200);
        EXPECT_EQ(userinfo(token).status, 401);
    }
    const auto person = sign_in_to(web);
    EXPECT_EQ(post("/oauth/v2/revoke", {{"token", person.access}}, &robot).status, 401);
    EXPECT_EQ(userinfo(person.access).status, 200);
}

TEST_P(TokensTest, ForgetsWhatIsOver) {
    const auto tokens = sign_in_to(web);
    authorize(web);
    EXPECT_EQ(purge_expired(store(), home).value_or(-1), 0);
    clock().advance(std::chrono::hours(2));
    EXPECT_EQ(purge_expired(store(), home).value_or(-1), 2) << "both requests";
    EXPECT_EQ(purge_families(store(), clock(), home).value_or(-1), 0);
    EXPECT_EQ(userinfo(tokens.access).status, 200);
    clock().advance(std::chrono::hours(24 * 33));
    EXPECT_EQ(purge_families(store(), clock(), home).value_or(-1), 1);
    EXPECT_EQ(purge_families(store(), clock(), home).value_or(-1), 0);
}

TEST_P(TokensTest, KeepsInstancesApart) {
    const auto tokens = sign_in_to(native);
    make_instance("other.example");
    http::Request request;
    request.method = "GET";
    request.host = "other.example";
    request.path = "/oidc/v1/userinfo";
    request.headers.set("authorization", "Bearer " + tokens.access);
    EXPECT_EQ(send(std::move(request)).status, 401);
    const auto web_tokens = sign_in_to(web);
    http::Request jwt;
    jwt.method = "GET";
    jwt.host = "other.example";
    jwt.path = "/oidc/v1/userinfo";
    jwt.headers.set("authorization", "Bearer " + web_tokens.access);
    EXPECT_EQ(send(std::move(jwt)).status, 401);
}

TEST_P(TokensTest, GivesMachinesWithAKeyTheirTokensOnce) {
    const auto key = crypto::PrivateKey::generate_rsa();
    const auto machine =
        make_machine("robot", user::TokenKind::opaque, {{.key_id = "", .spki = key.public_key().to_der(), .expires = user::kNoExpiry}});
    const auto kid = machines.list_keys(user::Ref::of(home, machine.id), {})->rows.at(0).id;
    const auto now = clock().now().seconds();
    const auto sign = [&](std::string iss, std::string sub, std::string aud, std::int64_t iat, std::int64_t exp, std::string more = "") {
        return *crypto::encode_jwt(key, crypto::Algorithm::RS256, kid, "JWT",
                                   R"({"iss":")" + iss + R"(","sub":")" + sub + R"(","aud":")" + aud + R"(","iat":)" + std::to_string(iat) +
                                       R"(,"exp":)" + std::to_string(exp) + more + "}");
    };
    const auto ask = [&](const std::string& assertion) {
        return post("/oauth/v2/token",
                    {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"scope", "openid"}, {"assertion", assertion}});
    };
    const std::string issuer = "http://localhost:8080";
    const auto good = sign("robot-1", "robot-1", issuer, now, now + 300, R"(,"jti":"1")");
    EXPECT_EQ(userinfo(tokens_of(ask(good)).access).status, 200);
    for (const auto& [name, assertion] :
         std::map<std::string, std::string>{{"again", good},
                                            {"expired", sign("robot-1", "robot-1", issuer, now - 400, now - 100)},
                                            {"for another", sign("robot-1", "robot-1", "http://x", now, now + 300)},
                                            {"other subject", sign("robot-1", "ann-1", issuer, now, now + 300)},
                                            {"other issuer", sign("ann-1", "ann-1", issuer, now, now + 300)},
                                            {"old", sign("robot-1", "robot-1", issuer, now - 7200, now + 300)},
                                            {"from the future", sign("robot-1", "robot-1", issuer, now + 60, now + 300)},
                                            {"garbage", "abc"}}) {
        const auto response = ask(assertion);
        EXPECT_EQ(response.status, 400) << name;
        EXPECT_EQ(member(body_of(response), "error"), "invalid_grant") << name;
    }
    EXPECT_EQ(member(body_of(ask("")), "error_description"), "assertion missing");

    // What has no jti is the same for all calls that a machine makes in one second.
    const auto plain = sign("robot-1", "robot-1", issuer, now, now + 300);
    EXPECT_EQ(ask(plain).status, 200);
    clock().advance(kRepeatable);
    EXPECT_EQ(ask(plain).status, 200);
    clock().advance(std::chrono::microseconds(1));
    EXPECT_EQ(member(body_of(ask(plain)), "error_description"), "the assertion has been used before");
}

}  // namespace
}  // namespace godwit::oidc
