// The pages with which a person lets a device in.
#include <gmock/gmock.h>

#include "login/login_test_fixture.h"

namespace godwit::login {
namespace {

using ::testing::HasSubstr;

class DevicePageTest : public LoginTest {
protected:
    DevicePageTest() {
        tv = make_app(
            "tv", application::OidcAuthMethod::none, application::AppType::native, application::TokenType::bearer,
            [](auto& config) { config.grant_types = {application::GrantType::authorization_code, application::GrantType::device_code}; });
    }
    std::string user_code() {
        return oidc::member(oidc::body_of(post("/oauth/v2/device_authorization", {{"client_id", tv.client_id}, {"scope", "openid"}})),
                            "user_code");
    }
    /// The path and query below the pages' base that a redirect leads to.
    static std::string next(const http::Response& response) {
        EXPECT_EQ(response.status, 303) << oidc::body_of(response);
        const std::string to(response.headers.get("location"));
        return to.substr(to.find("login") + 5);
    }
    http::Response follow(const std::string& to, const std::string& cookie) {
        http::Request request;
        request.method = "GET";
        request.host = "localhost";
        request.path = "/ui/login" + to.substr(0, to.find('?'));
        request.query = to.find('?') == to.npos ? "" : to.substr(to.find('?') + 1);
        request.headers.set("cookie", cookie);
        return pages_.route(request)->handle(request);
    }

    App tv;
};
GODWIT_ON_BOTH_ENGINES(DevicePageTest);

TEST_P(DevicePageTest, AsksForTheCodeAndTakesOnlyOneThatWaits) {
    EXPECT_THAT(oidc::body_of(follow("/device?user_code=bcdf-ghjk", "")), HasSubstr("value=\"BCDF-GHJK\""));
    const auto form = form_of(send("GET", "/device"));
    EXPECT_EQ(submit("/device", form, {{"user_code", "BCDF-GHJK"}}).status, 400);
    EXPECT_EQ(submit("/device", form, {{"user_code", ""}}).status, 400);
    EXPECT_EQ(submit("/device", form, {{"user_code", "<b>"}}).status, 400);
    const auto code = user_code();
    Form forged = form;
    forged["csrf"] = "x";
    EXPECT_EQ(submit("/device", forged, {{"user_code", code}}).status, 400);
    const auto to = next(submit("/device", form, {{"user_code", code}}));
    EXPECT_TRUE(to.starts_with("/login?authRequest=device_")) << to;
    EXPECT_EQ(follow(to, form.at("cookie")).status, 200) << "the sign-in";
}

TEST_P(DevicePageTest, OnlyASessionOfThisBrowserDecides) {
    const auto code = user_code();
    const auto id = (*provider.auth_requests().find_waiting_device(home, code))->id;
    const auto agent = *sessions.create_agent(home);
    session::Update update;
    update.user = ann.id;
    update.org = org->org();
    update.password = true;
    const auto own = sessions.create(home, update, std::nullopt, agent.id, {})->id, foreign = sign_in(ann.id);
    const auto page_for = [&](SessionId session) {
        return follow("/device/allow?authRequest=" + id + "&session=" + std::to_string(session.key),
                      "godwit-agent=" + std::string(agent.cookie.reveal()));
    };
    EXPECT_TRUE(next(page_for(foreign)).starts_with("/login?authRequest=device_"));
    const auto page = page_for(own);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(oidc::body_of(page), HasSubstr(code));
    auto form = form_of(page);
    form["cookie"] += "; godwit-agent=" + std::string(agent.cookie.reveal());
    Form forged = form;
    forged["csrf"] = "x";
    EXPECT_EQ(submit("/device/allow", forged, {{"decision", "allow"}}).status, 400);
    EXPECT_EQ(submit("/device/allow", form, {}).status, 200) << "no decision: asked again";
    EXPECT_EQ(next(submit("/device/allow", form, {{"decision", "allow"}})), "/device/done");
    EXPECT_EQ(submit("/device/allow", form, {{"decision", "deny"}}).status, 410) << "decided";
    EXPECT_EQ(send("GET", "/device/allow").status, 410) << "without a request";
}

}  // namespace
}  // namespace godwit::login
