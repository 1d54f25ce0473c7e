// What was issued on one instance's host is nothing on another's: tokens, codes, refresh tokens, secrets, requests, sessions, cookies.
#include <gmock/gmock.h>

#include "app/tenants_test_fixture.h"
#include "base/encoding.h"
#include "oidc/auth_requests.h"

namespace godwit::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kCallback = "https://app.example/cb";

class HostIsolationTest : public TenantsTest {
protected:
    void SetUp() override {
        TenantsTest::SetUp();
        mine_ = plant(one_, "one.example", "mine");
        stranger_ = plant(two_, "two.example", "abroad");
    }

    http::Response send(const std::string& host, std::string path, const QueryParameters& form, std::string authorization = {}) {
        http::Request request;
        request.method = "POST";
        request.path = std::move(path);
        request.host = host;
        request.headers.set("content-type", "application/x-www-form-urlencoded");
        if (!authorization.empty()) request.headers.set("authorization", authorization);
        request.body = build_query(form);
        return services_->provider.route(request)->handle(request);
    }
    http::Response userinfo(const std::string& host, const std::string& token) {
        return send(host, "/oidc/v1/userinfo", {}, "Bearer " + token);
    }
    static std::string basic(const std::string& id, const std::string& secret) { return "Basic " + base64_encode(id + ":" + secret); }
    static std::string basic(const Tenant& t) { return basic(t.client_id, t.client_secret); }
    static const std::string& body(const http::Response& response) { return std::get<std::string>(response.body); }
    static std::string text_of(const http::Response& response, const std::string& name) {
        const std::string& json = body(response);
        const auto at = json.find("\"" + name + "\":\"");
        if (at == std::string::npos) return "";
        const auto begin = at + name.size() + 4;
        return json.substr(begin, json.find('"', begin) - begin);
    }

    /// The code that the planted request is answered with.
    std::string code_of(const Tenant& t) {
        const auto url = must(
            services_->provider.auth_requests().finish(t.instance, t.auth_request, SessionId(*parse_number<std::int64_t>(t.session_id))));
        const auto query = parse_query(url.substr(url.find('?') + 1));
        return std::string(*find_parameter(*query, "code"));
    }
    http::Response exchange(const std::string& host, const std::string& code, const Tenant& client) {
        return send(host, "/oauth/v2/token", {{"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", kCallback}},
                    basic(client));
    }
    struct Tokens {
        std::string access, refresh, id;
    };
    Tokens sign_in(const Tenant& t) {
        const auto response = exchange(t.host, code_of(t), t);
        EXPECT_EQ(response.status, 200) << body(response);
        return {text_of(response, "access_token"), text_of(response, "refresh_token"), text_of(response, "id_token")};
    }
    http::Response refresh(const std::string& host, const std::string& token, const Tenant& client) {
        return send(host, "/oauth/v2/token", {{"grant_type", "refresh_token"}, {"refresh_token", token}}, basic(client));
    }

    Tenant mine_, stranger_;
};
GODWIT_ON_BOTH_ENGINES(HostIsolationTest);

TEST_P(HostIsolationTest, AccessTokens) {
    const Tokens tokens = sign_in(mine_);
    ASSERT_EQ(userinfo("one.example", tokens.access).status, 200);
    for (const std::string& token : {tokens.access, tokens.id, mine_.pat}) {
        const auto refused = userinfo("two.example", token);
        EXPECT_EQ(refused.status, 401);
        EXPECT_THAT(body(refused), Not(HasSubstr("mine")));
    }
    EXPECT_THAT(body(send("one.example", "/oauth/v2/introspect", {{"token", tokens.access}}, basic(mine_))), HasSubstr("\"active\":true"));
    for (const std::string& token : {tokens.access, tokens.refresh, mine_.pat}) {
        const auto told = send("two.example", "/oauth/v2/introspect", {{"token", token}}, basic(stranger_));
        EXPECT_EQ(told.status, 200);
        EXPECT_THAT(body(told), HasSubstr("\"active\":false"));
        EXPECT_THAT(body(told), Not(HasSubstr("mine")));
    }
}

TEST_P(HostIsolationTest, Revocation) {
    const Tokens tokens = sign_in(mine_);
    const auto before = rows_of(one_);
    for (const std::string& token : {tokens.access, tokens.refresh})
        EXPECT_EQ(send("two.example", "/oauth/v2/revoke", {{"token", token}}, basic(stranger_)).status, 200) << "as for an unknown token";
    EXPECT_EQ(rows_of(one_), before);
    EXPECT_EQ(userinfo("one.example", tokens.access).status, 200);
    EXPECT_EQ(refresh("one.example", tokens.refresh, mine_).status, 200);
}

TEST_P(HostIsolationTest, CodesAndRefreshTokens) {
    const std::string code = code_of(mine_);
    for (const Tenant* client : {&mine_, &stranger_}) EXPECT_GE(exchange("two.example", code, *client).status, 400);
    const auto taken = exchange("one.example", code, mine_);
    ASSERT_EQ(taken.status, 200) << "no attempt elsewhere uses it up: " << body(taken);
    const std::string token = text_of(taken, "refresh_token");
    for (const Tenant* client : {&mine_, &stranger_}) EXPECT_GE(refresh("two.example", token, *client).status, 400);
    EXPECT_EQ(refresh("one.example", token, mine_).status, 200) << "nor counts as reuse";
}

TEST_P(HostIsolationTest, SecretsOfClientsAndMachines) {
    const auto issued = must(services_->machines.generate_secret(user::Ref::of(mine_.org, mine_.machine), {}));
    const std::string secret = basic(issued.client_id, std::string(issued.secret.reveal()));
    const QueryParameters form{{"grant_type", "client_credentials"}, {"scope", "openid"}};
    EXPECT_EQ(send("one.example", "/oauth/v2/token", form, secret).status, 200);
    EXPECT_GE(send("two.example", "/oauth/v2/token", form, secret).status, 400);
    EXPECT_GE(send("two.example", "/oauth/v2/introspect", {{"token", "x"}}, basic(mine_)).status, 400);
    EXPECT_EQ(send("one.example", "/oauth/v2/introspect", {{"token", "x"}}, basic(mine_)).status, 200);
}

TEST_P(HostIsolationTest, RequestsAndSessions) {
    auto& requests = services_->provider.auth_requests();
    const SessionId session(*parse_number<std::int64_t>(mine_.session_id));
    EXPECT_EQ(requests.get(two_, mine_.auth_request).error().code, Code::not_found);
    EXPECT_FALSE(requests.finish(two_, mine_.auth_request, session));
    EXPECT_FALSE(*requests.find_waiting_device(two_, mine_.user_code));
    EXPECT_FALSE(requests.allow_device(two_, mine_.device_request, session));
    EXPECT_FALSE(requests.deny_device(two_, mine_.device_request));
    EXPECT_FALSE(requests.finish(two_, stranger_.auth_request, session)) << "their request, our session";
    EXPECT_FALSE(services_->sessions.check_token(two_, session, mine_.session_token));
    EXPECT_FALSE(*services_->sessions.find_live(two_, session));
    const auto agent = must(services_->sessions.create_agent(one_));
    EXPECT_TRUE(*services_->sessions.find_agent(one_, agent.cookie.reveal()));
    EXPECT_FALSE(*services_->sessions.find_agent(two_, agent.cookie.reveal()));
    EXPECT_TRUE(*services_->sessions.find_live(one_, session));
}

TEST_P(HostIsolationTest, SignOut) {
    const Tokens tokens = sign_in(mine_);
    const auto before = rows_of(one_);
    (void)send("two.example", "/oidc/v1/end_session", {{"id_token_hint", tokens.id}});
    (void)send("two.example", "/oidc/v1/end_session", {{"id_token_hint", tokens.id}, {"client_id", stranger_.client_id}});
    EXPECT_EQ(rows_of(one_), before);
    EXPECT_EQ(userinfo("one.example", tokens.access).status, 200);
}

}  // namespace
}  // namespace godwit::app
