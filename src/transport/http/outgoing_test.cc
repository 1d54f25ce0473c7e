#include "transport/http/outgoing.h"

#include <gtest/gtest.h>

#include <atomic>

#include "transport/http/test_client.h"

namespace godwit::http {
namespace {

TEST(IsPublic, KnowsTheOperatorsOwnNetwork) {
    for (const char* inside : {"127.0.0.1",        "127.1.2.3",         "10.0.0.1",      "172.16.0.1",  "172.31.255.255",
                               "192.168.1.1",      "169.254.169.254",   "100.64.0.1",    "0.0.0.0",     "224.0.0.1",
                               "255.255.255.255",  "192.0.2.1",         "198.18.0.1",    "::1",         "::",
                               "fe80::1",          "fc00::1",           "fd12:3456::1",  "ff02::1",     "::ffff:10.0.0.1",
                               "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1", "::127.0.0.1"}) {
        const auto address = parse_ip(inside);
        ASSERT_TRUE(address) << inside;
        EXPECT_FALSE(is_public(*address)) << inside;
    }
    for (const char* outside :
         {"8.8.8.8", "172.15.255.255", "172.32.0.1", "100.128.0.1", "192.167.1.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"})
        EXPECT_TRUE(is_public(parse_ip(outside).value())) << outside;
}

/// A server on the loopback interface.
class OutgoingTest : public ::testing::Test {
protected:
    Response answer(Request& request) {
        ++calls_;
        seen_ = request.method + " " + request.path + " " + std::string(request.headers.get("content-type")) + " " + request.body;
        auto answer = text_response(request.path == "/away" ? 302 : 200, std::string(3'000, 'x'));
        if (request.path == "/away") answer.headers.set("location", url("/target"));
        return answer;
    }
    std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
        return "http://" + host + ":" + std::to_string(server_.server->port()) + path;
    }

    std::atomic<int> calls_ = 0;
    std::string seen_;
    testing::TestServer server_{
        [this](const Request&) { return testing::on(Lane::in_line, [this](Request& request) { return answer(request); }); }};
    const Outgoing allowed_{{.allowed = {*IpPrefix::parse("127.0.0.0/8"), *IpPrefix::parse("::1")}}};
};

TEST_F(OutgoingTest, GoesNowhereInsideUnlessAllowed) {
    for (const char* host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"}) {
        const auto answer = Outgoing({}).post(url("/hook", host), "text/plain", "x");
        ASSERT_FALSE(answer) << host;
        EXPECT_TRUE(answer.error().id == "HTTP-Out02" || answer.error().id == "HTTP-Out01") << host << " " << answer.error().message;
    }
    EXPECT_EQ(calls_, 0);
    const auto answer = allowed_.post(url("/hook"), "text/plain", "x=1");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(seen_, "POST /hook text/plain x=1");
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body.size(), 1024U);
}

TEST_F(OutgoingTest, FollowsNoRedirect) {
    const auto answer = allowed_.post(url("/away"), "text/plain", "x");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(calls_, 1);
}

TEST_F(OutgoingTest, CallsOnlyWhatItShould) {
    for (const std::string bad : {"", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com", "http://user:pass@example.com/",
                                  "example.com", "javascript:alert(1)"})
        EXPECT_EQ(allowed_.post(bad, "text/plain", "").error().id, "HTTP-Out01") << bad;
    EXPECT_EQ(Outgoing({.allowed = {}, .plain_http = false}).post(url("/"), "text/plain", "").error().id, "HTTP-Out01");
    const std::string gone = url("/");
    server_.server.reset();
    EXPECT_EQ(allowed_.post(gone, "text/plain", "").error().id, "HTTP-Out03");
}

}  // namespace
}  // namespace godwit::http
