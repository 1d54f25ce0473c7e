// Who hears of a sign-out, and how: by the back channel, at a real server; by frames of the last page; by tokens that end. On both engines.
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>

#include "crypto/jwt.h"
#include "oidc/front_channel_logout.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"

namespace godwit::oidc {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

/// An application's server: keeps the logout tokens it is sent.
class Receiver {
public:
    Receiver() {
        http::ServerOptions options;
        options.address = "127.0.0.1";
        options.port = 0;
        auto made = http::Server::listen(std::move(options), lanes_, [this](const http::Request&) {
            return http::Route{.lane = Lane::in_line, .handle = [this](http::Request& request) { return take(request); }};
        });
        EXPECT_TRUE(made) << made.error().message;
        server_ = *std::move(made);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/logout?app=1"; }
    std::vector<std::string> tokens() {
        const std::lock_guard lock(mutex_);
        return tokens_;
    }
    std::atomic<int> status = 200;

private:
    http::Response take(http::Request& request) {
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.query, "app=1");
        EXPECT_EQ(request.headers.get("content-type"), "application/x-www-form-urlencoded");
        const auto form = parse_query(request.body).value_or(QueryParameters{});
        const std::lock_guard lock(mutex_);
        tokens_.emplace_back(find_parameter(form, "logout_token").value_or(""));
        return http::text_response(status, "");
    }

    Lanes lanes_{Lanes::default_limits()};
    std::mutex mutex_;
    std::vector<std::string> tokens_;
    std::unique_ptr<http::Server> server_;
};

class LogoutTest : public ProviderTest {
protected:
    LogoutTest() {
        told = make_app("told", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::bearer,
                        [this](auto& config) { config.back_channel_logout_uri = receiver.url(); });
        framed = make_app("framed", application::OidcAuthMethod::none, application::AppType::user_agent, application::TokenType::bearer,
                          [](auto& config) { config.front_channel_logout_uri = "https://framed.example/out?x=1"; });
    }
    Tokens tokens_in(const App& app, SessionId session) { return tokens_of(exchange(app, parameter(answer(app, session), "code"))); }
    std::size_t tell() {
        const auto tried = provider.tell_of_logouts();
        EXPECT_TRUE(tried) << tried.error().message;
        return tried.value_or(0);
    }
    /// The claims of a token that one of the instance's keys signed.
    std::string claims_of(const std::string& token) {
        const auto keys = *signing_keys.published(home);
        const auto jwt = crypto::verify_jwt(token, std::vector{crypto::Algorithm::ES256},
                                            [&](const crypto::Jwt&) { return std::optional(keys->front().key); });
        EXPECT_TRUE(jwt) << token;
        if (!jwt) return "";
        EXPECT_EQ(jwt->typ, "logout+jwt");
        return jwt->payload;
    }
    void end(SessionId session) { ASSERT_TRUE(sessions.terminate(home, session, {})); }

    Receiver receiver;
    App told, framed;
};
GODWIT_ON_BOTH_ENGINES(LogoutTest);

TEST_P(LogoutTest, TellsByTheBackChannelOnceASessionHasEnded) {
    const auto session = sign_in(ann.id), other = sign_in(ann.id);
    const auto tokens = tokens_in(told, session);
    tokens_in(told, session);
    tokens_in(web, session);
    tokens_in(told, other);
    EXPECT_EQ(tell(), 0U);
    end(session);
    EXPECT_EQ(tell(), 1U);
    EXPECT_EQ(tell(), 0U);
    ASSERT_THAT(receiver.tokens(), SizeIs(1));

    const auto payload = claims_of(receiver.tokens().front());
    const auto claims = read_claims(payload);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->iss, "http://localhost:8080");
    EXPECT_EQ(claims->sub, "ann-1");
    EXPECT_THAT(claims->aud, ElementsAre(told.client_id));
    EXPECT_EQ(claims->sid, read_claims(crypto::parse_unverified_jwt(tokens.id)->payload)->sid);
    EXPECT_EQ(claims->iat, clock().now().seconds());
    EXPECT_EQ(claims->exp, (clock().now() + std::chrono::minutes(2)).seconds());
    EXPECT_FALSE(claims->jti.empty());
    EXPECT_NE(payload.find(R"("events":{"http://schemas.openid.net/event/backchannel-logout":{}})"), payload.npos) << payload;
    EXPECT_EQ(payload.find("nonce"), payload.npos);
    EXPECT_EQ(get("/oidc/v1/end_session", build_query(Form{{"id_token_hint", receiver.tokens().front()}})).status, 400)
        << "a logout token is no id_token";
}

TEST_P(LogoutTest, TriesAgainUntilItIsHeard) {
    const auto session = sign_in(ann.id);
    tokens_in(told, session);
    receiver.status = 500;
    end(session);
    EXPECT_EQ(tell(), 1U);
    EXPECT_EQ(tell(), 0U) << "not at once";
    clock().advance(std::chrono::seconds(10));
    EXPECT_EQ(tell(), 1U);
    clock().advance(std::chrono::seconds(39));
    EXPECT_EQ(tell(), 0U) << "ever later";
    clock().advance(std::chrono::seconds(1));
    receiver.status = 204;
    EXPECT_EQ(tell(), 1U);
    clock().advance(std::chrono::hours(2));
    EXPECT_EQ(tell(), 0U);
    const auto tokens = receiver.tokens();
    ASSERT_THAT(tokens, SizeIs(3));
    EXPECT_NE(read_claims(claims_of(tokens[0]))->jti, read_claims(claims_of(tokens[2]))->jti) << "each try is a token of its own";
}

TEST_P(LogoutTest, GivesUpInTheEnd) {
    const auto session = sign_in(ann.id);
    tokens_in(told, session);
    receiver.status = 404;
    end(session);
    for (int hour = 0; hour < 100; ++hour, clock().advance(std::chrono::hours(1))) tell();
    EXPECT_THAT(receiver.tokens(), SizeIs(14));
}

TEST_P(LogoutTest, TellsOfUsersWhoMayNotGoOn) {
    const auto session = sign_in(ann.id);
    const auto tokens = tokens_in(told, session);
    clock().advance(std::chrono::seconds(1));
    ASSERT_TRUE(users.deactivate(user::Ref::of(home, ann.id), {}));
    EXPECT_EQ(userinfo(tokens.access).status, 401);
    EXPECT_EQ(tell(), 1U);
    EXPECT_EQ(read_claims(claims_of(receiver.tokens().at(0)))->sid, std::to_string(session.key));
}

TEST_P(LogoutTest, TellsOfASignOutAndShowsTheFramesOfItsLastPage) {
    const auto session = sign_in(ann.id);
    const auto tokens = tokens_in(told, session);
    tokens_in(framed, session);
    const auto out =
        get("/oidc/v1/end_session",
            build_query(Form{{"id_token_hint", tokens.id}, {"post_logout_redirect_uri", "https://app.example/out"}, {"state", "s"}}));
    const std::string location(out.headers.get("location"));
    EXPECT_TRUE(location.starts_with("/ui/v2/login/logout/done?notice=")) << location;
    const auto notice = provider.front_channel().open(home, parameter(location, "notice"));
    ASSERT_TRUE(notice && *notice);
    EXPECT_EQ((*notice)->then, "https://app.example/out?state=s");
    EXPECT_THAT((*notice)->frames,
                ElementsAre("https://framed.example/out?x=1&iss=http%3A%2F%2Flocalhost%3A8080&sid=" + std::to_string(session.key)));
    EXPECT_EQ(tell(), 2U);
    EXPECT_THAT(receiver.tokens(), SizeIs(1));

    EXPECT_FALSE(*provider.front_channel().open(home, "x" + parameter(location, "notice")));
    EXPECT_FALSE(*provider.front_channel().open(make_instance("other.example"), parameter(location, "notice")));
    clock().advance(std::chrono::minutes(6));
    EXPECT_FALSE(*provider.front_channel().open(home, parameter(location, "notice"))) << "an old page frames nothing";
}

TEST_P(LogoutTest, DiscoveryTellsOfBothChannels) {
    const auto metadata = body_of(get("/.well-known/openid-configuration"));
    for (const std::string name : {"backchannel_logout_supported", "backchannel_logout_session_supported", "frontchannel_logout_supported",
                                   "frontchannel_logout_session_supported"})
        EXPECT_NE(metadata.find("\"" + name + "\":true"), metadata.npos) << name;
}

TEST_P(LogoutTest, OfflineTokensMayOutliveTheSession) {
    for (const bool outlives : {false, true}) {
        auto configuration = services({});
        configuration.offline_outlives_session = outlives;
        Provider configured(configuration);
        const auto at = [&](const std::string& path, const Form& form, const std::string& bearer) {
            http::Request request;
            request.host = "localhost";
            request.method = bearer.empty() ? "POST" : "GET";
            request.path = path;
            request.body = build_query(form);
            if (bearer.empty()) request.headers.set("content-type", "application/x-www-form-urlencoded");
            request.headers.set("authorization", bearer.empty() ? "Basic " + base64_encode(web.client_id + ":" + web.secret) : bearer);
            return configured.route(request)->handle(request);
        };
        const auto session = sign_in(ann.id);
        const auto offline = tokens_in(web, session);
        const auto online = tokens_of(exchange(web, parameter(answer(web, session, {{"scope", "openid"}}), "code")));
        end(session);
        EXPECT_EQ(at("/oidc/v1/userinfo", {}, "Bearer " + offline.access).status, outlives ? 200 : 401);
        EXPECT_EQ(at("/oidc/v1/userinfo", {}, "Bearer " + online.access).status, 401);
        const auto refreshed = at("/oauth/v2/token", {{"grant_type", "refresh_token"}, {"refresh_token", offline.refresh}}, "");
        EXPECT_EQ(refreshed.status, outlives ? 200 : 400) << body_of(refreshed);
        clock().advance(std::chrono::seconds(1));
        ASSERT_TRUE(users.end_sessions(user::Ref::of(home, ann.id), {}));
        EXPECT_EQ(at("/oidc/v1/userinfo", {}, "Bearer " + member(body_of(refreshed), "access_token")).status, 401)
            << "signed out everywhere";
        clock().advance(std::chrono::seconds(1));
    }
}

}  // namespace
}  // namespace godwit::oidc
