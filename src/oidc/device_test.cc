// Devices without a browser (RFC 8628), as the device and the pages of the person see it.
#include <gtest/gtest.h>

#include <set>

#include "oidc/device_requests.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/purge.h"

namespace godwit::oidc {
namespace {

TEST(UserCode, IsReadInAnySpelling) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"BCDF-GHJK", "BCDF-GHJK"},
        {"bcdfghjk", "BCDF-GHJK"},
        {" bcdf ghjk ", "BCDF-GHJK"},
        {"BC-DF-GH-JK", "BCDF-GHJK"},
        {"BCDF-GHJ", ""},
        {"BCDF-GHJKL", ""},
        {"ACDF-GHJK", ""},
        {"BCDF_GHJK", ""},
        {std::string_view(""), ""},
        {"1234-5678", ""},
    };
    for (const auto& [typed, normal] : rows) EXPECT_EQ(normal_user_code(typed), normal) << typed;
}

class DeviceTest : public ProviderTest {
protected:
    DeviceTest() {
        tv = make_app("tv", application::OidcAuthMethod::none, application::AppType::native, application::TokenType::bearer,
                      [](auto& config) {
                          config.grant_types = {application::GrantType::device_code, application::GrantType::refresh_token,
                                                application::GrantType::authorization_code};
                      });
    }
    struct Codes {
        std::string device, user;
    };
    Codes begin(const App& app, std::string scope = "openid profile offline_access") {
        const auto response = post("/oauth/v2/device_authorization", {{"client_id", app.client_id}, {"scope", std::move(scope)}});
        EXPECT_EQ(response.status, 200) << body_of(response);
        return {member(body_of(response), "device_code"), member(body_of(response), "user_code")};
    }
    http::Response poll(const std::string& device_code, const App& app) {
        return post(
            "/oauth/v2/token",
            {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"}, {"device_code", device_code}, {"client_id", app.client_id}});
    }
    std::string error_of(const http::Response& response) { return member(body_of(response), "error"); }
    std::string ask(const std::string& device_code) { return error_of(poll(device_code, tv)); }
    /// The id under which the person's side knows the request.
    std::string id_of(const std::string& user_code) { return (*provider.auth_requests().find_waiting_device(home, user_code))->id; }

    App tv;
};
GODWIT_ON_BOTH_ENGINES(DeviceTest);

TEST_P(DeviceTest, GetsItsTokensOnceSomebodyAllowsIt) {
    const auto response = post("/oauth/v2/device_authorization", {{"client_id", tv.client_id}, {"scope", "openid profile offline_access"}});
    const auto user_code = member(body_of(response), "user_code"), device_code = member(body_of(response), "device_code");
    EXPECT_EQ(normal_user_code(user_code), user_code);
    EXPECT_EQ(member(body_of(response), "verification_uri"), "http://localhost:8080/device");
    EXPECT_EQ(member(body_of(response), "verification_uri_complete"), "http://localhost:8080/device?user_code=" + user_code);
    EXPECT_NE(body_of(response).find(R"("expires_in":300,"interval":5)"), std::string::npos);
    EXPECT_EQ(get("/device").headers.get("location"), "/ui/login/device");
    EXPECT_EQ(get("/device", "user_code=" + user_code).headers.get("location"), "/ui/login/device?user_code=" + user_code);

    EXPECT_EQ(ask(device_code), "authorization_pending");
    const auto id = id_of(user_code);
    const auto ann_session = sign_in(ann.id);
    const auto page = provider.auth_requests().finish(home, id, ann_session);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_TRUE(page->starts_with("/ui/login/device/allow?authRequest=device_")) << *page;
    EXPECT_EQ(parameter(*page, "session"), std::to_string(ann_session.key));
    clock().advance(kPollInterval);
    EXPECT_EQ(ask(device_code), "authorization_pending") << "signing in allows nothing yet";

    ASSERT_TRUE(provider.auth_requests().allow_device(home, id, ann_session));
    EXPECT_EQ(provider.auth_requests().allow_device(home, id, ann_session).error().id, "COMMAND-Sx208nt");
    EXPECT_EQ(provider.auth_requests().deny_device(home, id).error().id, "COMMAND-Sx208nt");
    EXPECT_FALSE(*provider.auth_requests().find_waiting_device(home, user_code));
    EXPECT_EQ(error_of(poll(device_code, native)), "unauthorized_client") << "an application without the grant";
    const auto tokens = tokens_of(poll(device_code, tv));
    EXPECT_EQ(member(body_of(userinfo(tokens.access)), "name"), "Ann Lee");
    const auto refreshed = tokens_of(refresh(tv, tokens.refresh));
    EXPECT_EQ(userinfo(refreshed.access).status, 200);

    EXPECT_EQ(ask(device_code), "invalid_grant") << "a second time";
    EXPECT_EQ(userinfo(refreshed.access).status, 401) << "which takes back what the first got";
}

TEST_P(DeviceTest, IsToldThatItWasDeniedOrIsTooLate) {
    const auto denied = begin(tv);
    const auto location = provider.auth_requests().fail(home, id_of(denied.user), "access_denied", "");
    EXPECT_EQ(*location, "/ui/login/device/done?denied=true");
    EXPECT_EQ(ask(denied.device), "access_denied");
    EXPECT_FALSE(*provider.auth_requests().find_waiting_device(home, denied.user));

    const auto late = begin(tv), never_fetched = begin(tv);
    const auto id = id_of(late.user);
    ASSERT_TRUE(provider.auth_requests().allow_device(home, id_of(never_fetched.user), sign_in(ann.id)));
    clock().advance(kDeviceTime);
    EXPECT_EQ(ask(late.device), "expired_token");
    EXPECT_EQ(ask(never_fetched.device), "expired_token");
    EXPECT_FALSE(*provider.auth_requests().find_waiting_device(home, late.user));
    EXPECT_EQ(provider.auth_requests().allow_device(home, id, sign_in(ann.id)).error().id, "QUERY-Thee9");
    EXPECT_EQ(ask("nope"), "invalid_grant");
    EXPECT_EQ(ask(""), "invalid_request");
    clock().advance(std::chrono::hours(2));
    EXPECT_EQ(purge_expired(store(), home).value_or(-1), 3);
}

TEST_P(DeviceTest, IsSlowedDownWhenItAsksTooOften) {
    const auto codes = begin(tv);
    struct Row {
        std::chrono::seconds after;
        std::string_view error;
    };
    // Each question that comes too soon makes the interval five seconds longer, for all that follow (section 3.5).
    for (const auto& [after, error] : {Row{std::chrono::seconds(0), "authorization_pending"},
                                       {std::chrono::seconds(5), "authorization_pending"},
                                       {std::chrono::seconds(1), "slow_down"},
                                       {std::chrono::seconds(5), "slow_down"},
                                       {std::chrono::seconds(15), "authorization_pending"},
                                       {std::chrono::seconds(10), "slow_down"},
                                       {std::chrono::seconds(20), "authorization_pending"}}) {
        clock().advance(after);
        EXPECT_EQ(ask(codes.device), error) << after.count();
    }
    ASSERT_TRUE(provider.auth_requests().allow_device(home, id_of(codes.user), sign_in(ann.id)));
    EXPECT_EQ(poll(codes.device, tv).status, 200) << "what is there is given at once";
}

TEST_P(DeviceTest, IsKeptApartFromTheRequestsOfBrowsers) {
    const auto codes = begin(tv);
    const auto id = id_of(codes.user);
    auto& requests = provider.auth_requests();
    EXPECT_EQ(requests.get(home, id).error().id, "QUERY-Thee9") << "the session service answers no device here";
    EXPECT_EQ(requests.finish(home, id, sign_in(ann.id), SentBy::session_service).error().id, "QUERY-Thee9");
    EXPECT_TRUE(requests.get_for_pages(home, id));
    const auto key = std::to_string(requests.get_for_pages(home, id)->key);
    for (const auto& guessed : {"V2_" + key, "device_" + key, std::string("device_"), std::string("device_AAAA")})
        EXPECT_EQ(requests.get_for_pages(home, guessed).error().id, "QUERY-Thee9") << guessed;
    EXPECT_EQ(error_of(exchange(tv, codes.device)), "invalid_grant") << "a device code is no authorization code";
    const auto browser_request = parameter(authorize(tv), "authRequest");
    EXPECT_EQ(requests.allow_device(home, browser_request, sign_in(ann.id)).error().id, "QUERY-Thee9");
    const auto elsewhere = make_instance("other.example");
    EXPECT_EQ(requests.get_for_pages(elsewhere, id).error().id, "QUERY-Thee9");
    EXPECT_FALSE(*requests.find_waiting_device(elsewhere, codes.user));
    EXPECT_EQ(requests.allow_device(home, id, SessionId(1)).error().id, "COMMAND-Flk38");

    App nobody{"nope", ""};
    for (const auto& [app, error] : {std::pair{native, "unauthorized_client"}, {web, "invalid_client"}, {nobody, "invalid_client"}})
        EXPECT_EQ(error_of(post("/oauth/v2/device_authorization", {{"client_id", app.client_id}, {"scope", "openid"}})), error);
    EXPECT_EQ(get("/oauth/v2/device_authorization").status, 405);
}

TEST_P(DeviceTest, HasACodeOfItsOwn) {
    std::set<std::string> codes;
    for (int i = 0; i < 50; ++i) codes.insert(begin(tv).user);
    EXPECT_EQ(codes.size(), 50u);
}

}  // namespace
}  // namespace godwit::oidc
