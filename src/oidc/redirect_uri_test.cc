#include "oidc/redirect_uri.h"

#include <gtest/gtest.h>

#include <vector>

namespace godwit::oidc {
namespace {

using enum RedirectVerdict;

constexpr RedirectPolicy kWeb{AppType::web, true, false};
constexpr RedirectPolicy kPublicWeb{AppType::web, false, false};
constexpr RedirectPolicy kBrowser{AppType::user_agent, false, false};
constexpr RedirectPolicy kNative{AppType::native, false, false};
constexpr RedirectPolicy kDevBrowser{AppType::user_agent, false, true};
constexpr RedirectPolicy kDevWeb{AppType::web, true, true};

struct Row {
    const char* name;
    RedirectPolicy policy;
    std::vector<std::string> registered;
    std::string uri;
    RedirectVerdict want;
};

TEST(RedirectUri, IsAllowedOnlyAsRegistered) {
    const Row rows[] = {
        {"exact", kWeb, {"https://a.example/cb"}, "https://a.example/cb", allowed},
        {"second of two", kWeb, {"https://a.example/x", "https://a.example/cb"}, "https://a.example/cb", allowed},
        {"other path", kWeb, {"https://a.example/cb"}, "https://a.example/cb2", not_registered},
        {"path below", kWeb, {"https://a.example/cb"}, "https://a.example/cb/x", not_registered},
        {"trailing slash", kWeb, {"https://a.example/cb"}, "https://a.example/cb/", not_registered},
        {"query added", kWeb, {"https://a.example/cb"}, "https://a.example/cb?x=1", not_registered},
        {"case of the path", kWeb, {"https://a.example/cb"}, "https://a.example/CB", not_registered},
        {"case of the host", kWeb, {"https://a.example/cb"}, "https://A.example/cb", not_registered},
        {"port named", kWeb, {"https://a.example/cb"}, "https://a.example:443/cb", not_registered},
        {"host as user information", kWeb, {"https://a.example/cb"}, "https://a.example@evil.example/cb", malformed},
        {"backslash", kWeb, {"https://a.example/cb"}, "https://evil.example\\@a.example/cb", malformed},
        {"dots in the path", kWeb, {"https://a.example/cb"}, "https://a.example/x/../cb", not_registered},
        {"encoded dots", kWeb, {"https://a.example/cb"}, "https://a.example/%2e%2e/cb", not_registered},
        {"fragment", kWeb, {"https://a.example/cb#f"}, "https://a.example/cb#f", malformed},
        {"tab", kWeb, {"https://a.example/cb"}, "https://a.example/\tcb", malformed},
        {"relative", kWeb, {"/cb"}, "/cb", malformed},
        {"no scheme", kWeb, {"//a.example/cb"}, "//a.example/cb", malformed},
        {"script registered", kNative, {"javascript:alert(1)"}, "javascript:alert(1)", malformed},
        {"script in capitals", kNative, {"JavaScript:alert(1)"}, "JavaScript:alert(1)", malformed},
        {"data registered", kNative, {"data:text/html,x"}, "data:text/html,x", malformed},
        {"nothing registered", kWeb, {}, "https://a.example/cb", not_registered},

        {"http, confidential", kWeb, {"http://a.example/cb"}, "http://a.example/cb", allowed},
        {"http, public", kPublicWeb, {"http://a.example/cb"}, "http://a.example/cb", http_not_allowed},
        {"http, browser", kBrowser, {"http://localhost:3000/cb"}, "http://localhost:3000/cb", http_not_allowed},
        {"http, browser in development", kDevBrowser, {"http://localhost:3000/cb"}, "http://localhost:3000/cb", allowed},
        {"http when https is registered", kWeb, {"https://a.example/cb"}, "http://a.example/cb", not_registered},
        {"custom scheme, web", kWeb, {"myapp://cb"}, "myapp://cb", custom_scheme},
        {"custom scheme, browser in development", kDevBrowser, {"myapp://cb"}, "myapp://cb", custom_scheme},

        {"native, custom scheme", kNative, {"com.example.app:/cb"}, "com.example.app:/cb", allowed},
        {"native, custom scheme differs", kNative, {"com.example.app:/cb"}, "com.example.app:/cb2", not_registered},
        {"native, claimed https", kNative, {"https://a.example/cb"}, "https://a.example/cb", allowed},
        {"native, any port of loopback", kNative, {"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/cb", allowed},
        {"native, other port than registered", kNative, {"http://localhost:3000/cb"}, "http://localhost:51004/cb", allowed},
        {"native, IPv6 loopback", kNative, {"http://[::1]/cb"}, "http://[::1]:51004/cb", allowed},
        {"native, loopback, other path", kNative, {"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/other", not_registered},
        {"native, loopback, query added", kNative, {"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/cb?x=1", not_registered},
        {"native, looks like loopback", kNative, {"http://127.0.0.1/cb"}, "http://127.0.0.1.evil.example:51004/cb", not_registered},
        {"native, loopback as user", kNative, {"http://127.0.0.1/cb"}, "http://127.0.0.1:1@evil.example/cb", malformed},
        {"native, https loopback has its port", kNative, {"https://localhost:1/cb"}, "https://localhost:2/cb", not_registered},
        {"native, http elsewhere", kNative, {"http://a.example/cb"}, "http://a.example/cb", http_not_allowed},
        {"web, other loopback port", kWeb, {"http://localhost:3000/cb"}, "http://localhost:51004/cb", not_registered},

        {"star, production", kWeb, {"https://*.example/cb"}, "https://a.example/cb", not_registered},
        {"star, development", kDevWeb, {"https://*.example/cb"}, "https://a.example/cb", allowed},
        {"star does not leave the host", kDevWeb, {"https://*.example/cb"}, "https://evil.test/x.example/cb", not_registered},
        {"star in the host, several labels", kDevWeb, {"https://*.example/cb"}, "https://a-1.b.example/cb", allowed},
        {"star for a port", kDevWeb, {"http://localhost:*/cb"}, "http://localhost:3000/cb", allowed},
        {"star is no port", kDevWeb, {"https://a.example*/cb"}, "https://a.example:8443/cb", not_registered},
        {"star is no encoded slash", kDevWeb, {"https://*.example/cb"}, "https://evil.test%2f.example/cb", not_registered},
        {"star is no other script", kDevWeb, {"myapp://*.example/cb"}, "myapp://\u0430.example/cb", not_registered},
        {"star in a path is wider", kDevWeb, {"https://a.example/*/cb"}, "https://a.example/x%20:y/cb", allowed},
        {"star does not reach the query", kDevWeb, {"https://a.example/*"}, "https://a.example/cb?x=1", not_registered},
    };
    for (const auto& row : rows) EXPECT_EQ(check_redirect_uri(row.policy, row.registered, row.uri), row.want) << row.name;
}

TEST(RedirectUri, WildcardBacktracks) {
    EXPECT_TRUE(matches_wildcard("https://*-app.example/*/cb", "https://a-b-app.example/x/cb"));
    EXPECT_FALSE(matches_wildcard("https://*-app.example/*/cb", "https://a-b-app.example/x/y/cb"));
    EXPECT_TRUE(matches_wildcard("*", "abc"));
    EXPECT_FALSE(matches_wildcard("https://*.example", "https://a_b.example"));
    EXPECT_FALSE(matches_wildcard("https://*.example", "https://a;b.example"));
    EXPECT_TRUE(matches_wildcard("https://*.example", "https://.example")) << "a run may be empty";
    EXPECT_TRUE(matches_wildcard("abc", "abc"));
    EXPECT_FALSE(matches_wildcard("abc", "ab"));
    EXPECT_FALSE(matches_wildcard("", "a"));
    EXPECT_TRUE(matches_wildcard("a*", "a"));
}

}  // namespace
}  // namespace godwit::oidc
