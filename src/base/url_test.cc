#include "base/url.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Percent, RoundTripsAndRefusesBrokenEscapes) {
    EXPECT_EQ(percent_encode("a b+c/\u00e9~-._"), "a%20b%2Bc%2F%C3%A9~-._");
    EXPECT_EQ(percent_decode("a%20b+c%2f"), "a b+c/");
    for (const char* bad : {"%", "%2", "%2g", "a%", "%%20"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Query, IsReadInOrderAndWrittenBack) {
    const auto parameters = parse_query("state=a%26b&scope=openid+email&flag&&x=1&x=2");
    ASSERT_TRUE(parameters);
    EXPECT_EQ(*parameters, (QueryParameters{{"state", "a&b"}, {"scope", "openid email"}, {"flag", ""}, {"x", "1"}, {"x", "2"}}));
    EXPECT_EQ(find_parameter(*parameters, "x"), "1");
    EXPECT_FALSE(find_parameter(*parameters, "y"));
    EXPECT_EQ(build_query(*parameters), "state=a%26b&scope=openid%20email&flag=&x=1&x=2");
    EXPECT_TRUE(parse_query("")->empty());
    EXPECT_FALSE(parse_query("a=%zz"));
}

TEST(Query, IsAddedBeforeTheFragment) {
    const QueryParameters code = {{"code", "x y"}};
    EXPECT_EQ(add_query("https://a/cb", code), "https://a/cb?code=x%20y");
    EXPECT_EQ(add_query("https://a/cb?k=v", code), "https://a/cb?k=v&code=x%20y");
    EXPECT_EQ(add_query("https://a/cb?", code), "https://a/cb?code=x%20y");
    EXPECT_EQ(add_query("https://a/cb#f", code), "https://a/cb?code=x%20y#f");
    EXPECT_EQ(add_query("https://a/cb", {}), "https://a/cb");
}

TEST(Url, IsTakenApart) {
    const auto url = parse_url("HTTPS://user@Example.com:8443/a/b?x=1#frag");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->userinfo, "user");
    EXPECT_EQ(url->host, "example.com");
    EXPECT_EQ(url->port, "8443");
    EXPECT_EQ(url->path, "/a/b");
    EXPECT_EQ(url->query, "x=1");
    EXPECT_EQ(url->fragment, "frag");
    EXPECT_EQ(parse_url("http://[::1]:80")->host, "[::1]");
    EXPECT_EQ(parse_url("http://[::1]")->port, "");
    EXPECT_EQ(parse_url("com.example.app://callback")->scheme, "com.example.app");
    EXPECT_EQ(parse_url("http://a\x3f"
                        "b")
                  ->query,
              "b");
}

TEST(Url, RefusesWhatIsNone) {
    for (const char* bad : {"", "a", "/a", "http:/a", "http://", "http:///a", "://a", "1http://a", "http://a b", "http://a\n", "http://a:x",
                            "http://a:70000", "http://[::1", "http://[]", "http://[::1]x", "http://a/%zz", "http://a\\@b", "http://:80"})
        EXPECT_FALSE(parse_url(bad)) << bad;
}

}  // namespace
}  // namespace godwit
