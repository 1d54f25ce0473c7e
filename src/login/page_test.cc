#include "login/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::login {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PageTest : public ::testing::Test {
protected:
    std::shared_ptr<text::ByLanguage> own_ = std::make_shared<text::ByLanguage>();
    Appearance look_{.brand = "<b>Acme & Sons",
                     .language = Language("en", text::built_in(text::Kind::login, "en"), {own_}),
                     .links = {{"<u>Terms", "https://acme.example/?a=\"><b>"}}};
    Frame frame_{.look = look_};

    std::string body(const http::Response& response) { return std::get<std::string>(response.body); }
};

TEST_F(PageTest, EscapesEverythingThatComesFromOutside) {
    View view;
    view.values = {{"login_name", "\"><script>alert(1)</script>"}, {"error", "<img src=x>"}, {"action", "/x?a=1&b='"}};
    view.hidden = {{"loginName", "\"><i>"}};
    (*own_)["en"] = {{"password_text.title", "<em>Ours</em>{{login_name}}"}};
    const std::string html = body(page(400, "password", "<title>", frame_, view));
    for (const char* raw : {"<script>", "<img src=x", "<b>", "<i>", "<u>", "<em>", "<title><title>"})
        EXPECT_THAT(html, Not(HasSubstr(raw))) << raw;
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
    EXPECT_THAT(html, HasSubstr("value=\"&#34;&gt;&lt;i&gt;\""));
    EXPECT_THAT(html, HasSubstr("<h1>&lt;em&gt;Ours&lt;/em&gt;{{login_name}}</h1>"));
}

TEST_F(PageTest, NamesItsFieldsAsScriptsOfOthersExpect) {
    EXPECT_THAT(body(page(200, "login_name", "t", frame_, {})), HasSubstr("name=\"loginName\""));
    EXPECT_THAT(body(page(200, "password", "t", frame_, {})), HasSubstr("name=\"password\""));
}

TEST_F(PageTest, SendsHeadersThatKeepOthersOut) {
    frame_.form_target = "https://app.example";
    const http::Response response = page(200, "login_name", "t", frame_, {});
    const std::string policy(response.headers.get("content-security-policy"));
    EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
    EXPECT_THAT(policy, HasSubstr("form-action 'self' https://app.example;"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(response.headers.get("referrer-policy"), "no-referrer");
    EXPECT_EQ(response.headers.get("cache-control"), "no-store");
    const std::string html = body(response);
    for (const char* in_line : {"<script", "style=", "<style", " onclick", "javascript:"}) EXPECT_THAT(html, Not(HasSubstr(in_line)));
}

TEST_F(PageTest, IsLightOrDarkAsTheDeviceAsksOrAsSomebodyDecided) {
    const struct {
        Scheme scheme;
        const char *meta, *dark;
    } rows[] = {{Scheme::either, "content=\"light dark\"", "media=\"(prefers-color-scheme: dark)\""},
                {Scheme::dark, "content=\"dark\"", "media=\"all\""},
                {Scheme::light, "content=\"light\"", nullptr}};
    for (const auto& row : rows) {
        look_.scheme = row.scheme;
        const std::string html = body(page(200, "login_name", "t", frame_, {}));
        EXPECT_THAT(html, HasSubstr(row.meta));
        EXPECT_EQ(html.find(row.dark ? row.dark : "dark.css") != html.npos, row.dark != nullptr);
    }
    EXPECT_TRUE(asset("dark.css"));
}

TEST(CspSource, IsTheOriginOrTheSchemeAndNothingThatCouldEndTheDirective) {
    for (const auto& [uri, want] : {std::pair{"https://app.example/cb?x=1", "https://app.example"},
                                    {"http://localhost:3000/cb", "http://localhost:3000"},
                                    {"http://[::1]:9/cb", "http://[::1]:9"},
                                    {"com.example.app:/cb", "com.example.app:"},
                                    {"myapp://cb", "myapp:"},
                                    {"https://a;script-src *", ""},
                                    {"https://a b/", ""},
                                    {"no uri", ""},
                                    {"", ""}})
        EXPECT_EQ(csp_source(uri), want) << uri;
}

TEST(Asset, ServesWhatIsThereAndNothingElse) {
    EXPECT_TRUE(asset("style.css"));
    EXPECT_FALSE(asset("../texts/en.json"));
    EXPECT_FALSE(asset("nothing.css"));
}

TEST(AskToStaySecure, AsksOnlyWhereItMayAndCounts) {
    struct Row {
        bool secure;
        std::string host, expected;
    };
    for (const auto& [secure, host, expected] : {Row{true, "auth.example.com", "max-age=31536000"},
                                                 {false, "auth.example.com", ""},
                                                 {true, "localhost", ""},
                                                 {true, "a.localhost", ""},
                                                 {true, "192.0.2.1", ""},
                                                 {true, "[2001:db8::1]", ""}}) {
        http::Request request;
        request.secure = secure;
        request.host = host;
        http::Response response;
        ask_to_stay_secure(request, response);
        EXPECT_EQ(response.headers.get("strict-transport-security"), expected) << host;
    }
}

}  // namespace
}  // namespace godwit::login
