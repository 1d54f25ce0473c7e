#include "transport/http/head.h"

#include <gtest/gtest.h>

#include <set>

namespace godwit::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Case {
    std::string name;
    Fields headers;
    std::string target = "/";
    std::string authority = "";
    bool trusted = false;
    Version version = Version::http1_1;
    std::string method = "GET";
};

const std::vector<IpPrefix>& proxies() {
    static const std::vector<IpPrefix> list = {*IpPrefix::parse("10.0.0.0/8"), *IpPrefix::parse("fd00::/8")};
    return list;
}

struct Outcome {
    Request request;
    std::optional<Refusal> refusal;
};

Outcome complete(const Case& row) {
    Outcome outcome;
    outcome.request.method = row.method;
    outcome.request.version = row.version;
    for (const auto& [name, value] : row.headers) outcome.request.headers.add(name, value);
    const std::string address = row.trusted ? "10.0.0.1" : "203.0.113.7";
    const Peer peer{.address = *parse_ip(address), .address_text = address, .secure = false, .trusted = row.trusted};
    outcome.refusal = complete_head(outcome.request, row.target, row.authority, peer, proxies());
    return outcome;
}

TEST(Head, TakesTargetAndHostApart) {
    struct Row {
        Case given;
        std::string path, query, host, port;
    };
    const std::vector<Row> rows = {
        {{"origin form", {{"host", "A.example:81"}}, "/x/y?z=1&b"}, "/x/y", "z=1&b", "a.example", "81"},
        {{"empty query", {{"host", "a"}}, "/x?"}, "/x", "", "a", ""},
        {{"absolute form that agrees", {{"host", "a:80"}}, "http://A:80/x?q"}, "/x", "q", "a", "80"},
        {{"absolute form without a path", {{"host", "a"}}, "HTTP://a"}, "/", "", "a", ""},
        {{"absolute form with a query only", {{"host", "a"}}, "https://a?q"}, "/", "q", "a", ""},
        {{"asterisk", {{"host", "a"}}, "*", "", false, Version::http1_1, "OPTIONS"}, "*", "", "a", ""},
        {{"authority of HTTP/2", {}, "/x", "a:1", false, Version::http2}, "/x", "", "a", "1"},
        {{"authority and Host that agree", {{"host", "A.:1"}}, "/x", "a:1", false, Version::http2}, "/x", "", "a", "1"},
        {{"HTTP/1.0 without Host", {}, "/x", "", false, Version::http1_0}, "/x", "", "", ""},
        {{"bytes of UTF-8 stay", {{"host", "a"}}, "/\xc3\xbc?\xc3\xbc"}, "/\xc3\xbc", "\xc3\xbc", "a", ""},
    };
    for (const Row& row : rows) {
        const auto [request, refusal] = complete(row.given);
        ASSERT_FALSE(refusal) << row.given.name << ": " << refusal->message;
        EXPECT_EQ(request.path, row.path) << row.given.name;
        EXPECT_EQ(request.query, row.query) << row.given.name;
        EXPECT_EQ(request.host, row.host) << row.given.name;
        EXPECT_EQ(request.port, row.port) << row.given.name;
        EXPECT_EQ(request.client_address, "203.0.113.7") << row.given.name;
    }
}

TEST(Head, RefusesWhatCouldBeReadInTwoWays) {
    struct Row {
        Case given;
        int status = 400;
    };
    const std::vector<Row> rows = {
        {{"no Host", {}}},
        {{"two Hosts", {{"host", "a"}, {"host", "a"}}}},
        {{"two different Hosts", {{"host", "a"}, {"host", "b"}}}},
        {{"list of Hosts", {{"host", "a, b"}}}},
        {{"empty Host", {{"host", ""}}}},
        {{"Host with user", {{"host", "x@a"}}}},
        {{"absolute form of another host", {{"host", "a"}}, "http://b/"}},
        {{"absolute form of another port", {{"host", "a"}}, "http://a:81/"}},
        {{"absolute form without a host", {{"host", "a"}}, "http:///x"}},
        {{"absolute form of another scheme", {{"host", "a"}}, "ftp://a/x"}},
        {{"relative target", {{"host", "a"}}, "x/y"}},
        {{"empty target", {{"host", "a"}}, ""}},
        {{"fragment", {{"host", "a"}}, "/x#y"}},
        {{"white space", {{"host", "a"}}, "/x y"}},
        {{"asterisk for GET", {{"host", "a"}}, "*"}},
        {{"authority that differs from Host", {{"host", "b"}}, "/", "a", false, Version::http2}},
        {{"malformed authority", {}, "/", "a b", false, Version::http2}},
        {{"HTTP/2 without any host", {}, "/", "", false, Version::http2}},
        {{"CONNECT", {{"host", "a:443"}}, "a:443", "", false, Version::http1_1, "CONNECT"}, 501},
    };
    for (const Row& row : rows) {
        const auto outcome = complete(row.given);
        ASSERT_TRUE(outcome.refusal) << row.given.name;
        EXPECT_EQ(outcome.refusal->status, row.status) << row.given.name;
    }
}

TEST(Head, BelievesForwardedFieldsFromProxiesOnly) {
    const Fields claims = {{"host", "inner"},
                           {"x-forwarded-host", "Outer.example:8443"},
                           {"x-forwarded-proto", "https"},
                           {"x-forwarded-for", "198.51.100.1"},
                           {"x-request-id", "abc-123"},
                           {"forwarded", "for=198.51.100.1"}};
    const auto believed = complete({.name = "proxy", .headers = claims, .trusted = true}).request;
    EXPECT_EQ(believed.host, "outer.example");
    EXPECT_EQ(believed.port, "8443");
    EXPECT_TRUE(believed.secure);
    EXPECT_EQ(believed.client_address, "198.51.100.1");
    EXPECT_EQ(believed.id, "abc-123");

    const auto plain = complete({.name = "anybody", .headers = claims, .trusted = false}).request;
    EXPECT_EQ(plain.host, "inner");
    EXPECT_FALSE(plain.secure);
    EXPECT_EQ(plain.client_address, "203.0.113.7");
    EXPECT_NE(plain.id, "abc-123");
    EXPECT_EQ(plain.headers.find("x-forwarded-host"), nullptr);
    EXPECT_EQ(plain.headers.find("forwarded"), nullptr);
}

TEST(Head, WalksForwardedChainsFromTheNearestHop) {
    struct Row {
        const char* name;
        Fields fields;
        const char *client, *host;
        bool secure;
    };
    const std::vector<Row> rows = {
        {"forged first entry", {{"x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.0.0.2"}}, "198.51.100.1", "inner", false},
        {"two fields are one list", {{"x-forwarded-for", "198.51.100.1"}, {"x-forwarded-for", "10.0.0.3"}}, "198.51.100.1", "inner", false},
        {"all trusted", {{"x-forwarded-for", "10.0.0.9, 10.0.0.2"}}, "10.0.0.9", "inner", false},
        {"unreadable hop ends the walk", {{"x-forwarded-for", "1.1.1.1, unknown, 10.0.0.2"}}, "10.0.0.2", "inner", false},
        {"ports and brackets", {{"x-forwarded-for", "[2001:db8::1]:99"}}, "2001:db8::1", "inner", false},
        {"Forwarded",
         {{"forwarded", "for=\"[2001:db8::1]\";host=out.example;proto=https, for=10.0.0.2"}},
         "2001:db8::1",
         "out.example",
         true},
        {"Forwarded before X-Forwarded-For",
         {{"forwarded", "For=198.51.100.1:4711"}, {"x-forwarded-for", "9.9.9.9"}},
         "198.51.100.1",
         "inner",
         false},
        {"the same host twice", {{"x-forwarded-host", "out, OUT."}}, "10.0.0.1", "out", false},
        {"obfuscated name", {{"forwarded", "for=_hidden;by=unknown"}}, "10.0.0.1", "inner", false},
    };
    for (const Row& row : rows) {
        Fields headers = row.fields;
        headers.emplace_back("host", "inner");
        const auto [request, refusal] = complete({.name = row.name, .headers = headers, .trusted = true});
        ASSERT_FALSE(refusal) << row.name << ": " << refusal->message;
        EXPECT_EQ(request.client_address, row.client) << row.name;
        EXPECT_EQ(request.host, row.host) << row.name;
        EXPECT_EQ(request.secure, row.secure) << row.name;
    }
}

TEST(Head, RefusesForwardedFieldsThatDisagree) {
    const std::vector<std::pair<const char*, Fields>> rows = {
        {"two hosts in a list", {{"x-forwarded-host", "a, b"}}},
        {"two host fields", {{"x-forwarded-host", "a"}, {"x-forwarded-host", "b"}}},
        {"both kinds", {{"x-forwarded-host", "a"}, {"forwarded", "host=b"}}},
        {"a client's own element", {{"forwarded", "host=evil, for=1.1.1.1;host=good"}}},
        {"empty", {{"x-forwarded-host", ""}}},
        {"malformed host", {{"x-forwarded-host", "a/b"}}},
        {"unknown protocol", {{"x-forwarded-proto", "gopher"}}},
        {"two protocols", {{"x-forwarded-proto", "http, https"}}},
        {"no value", {{"forwarded", "host="}}},
        {"no name", {{"forwarded", "=x"}}},
        {"open quote", {{"forwarded", "host=\"a"}}},
        {"name twice", {{"forwarded", "host=a;host=a"}}},
        {"no pair", {{"forwarded", "host"}}},
    };
    for (const auto& [name, fields] : rows) {
        Fields headers = fields;
        headers.emplace_back("host", "inner");
        const auto outcome = complete({.name = name, .headers = headers, .trusted = true});
        ASSERT_TRUE(outcome.refusal) << name;
        EXPECT_EQ(outcome.refusal->status, 400) << name;
    }
}

TEST(Head, RequestIdsFromProxiesArePlainText) {
    for (const std::string& id : {std::string("a b"), std::string(), std::string(129, 'x'), std::string("\xc3\xbc")}) {
        const auto request = complete({.name = id, .headers = {{"host", "a"}, {"x-request-id", id}}, .trusted = true}).request;
        EXPECT_NE(request.id, id);
        EXPECT_EQ(request.id.size(), 15U);
    }
    std::set<std::string> ids;
    for (int i = 0; i < 1'000; ++i) ids.insert(make_request_id());
    EXPECT_EQ(ids.size(), 1'000U);
}

TEST(Head, JoinsCookiesOfHttp2) {
    const auto request =
        complete(
            {.name = "cookies", .headers = {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}}, .authority = "a", .version = Version::http2})
            .request;
    EXPECT_EQ(request.headers.get("cookie"), "a=1; b=2");
    EXPECT_EQ(request.headers.size(), 2U);
}

TEST(Framing, IsReadInOneWayOnly) {
    struct Row {
        const char* name;
        Fields headers;
        int status;  ///< 0: accepted
        Version version = Version::http1_1;
    };
    const std::vector<Row> rows = {
        {"none", {}, 0},
        {"length", {{"content-length", "12"}}, 0},
        {"chunked", {{"transfer-encoding", "Chunked"}}, 0},
        {"continue", {{"content-length", "1"}, {"expect", "100-Continue"}}, 0},
        {"both", {{"content-length", "12"}, {"transfer-encoding", "chunked"}}, 400},
        {"equal lengths", {{"content-length", "12"}, {"content-length", "12"}}, 400},
        {"different lengths", {{"content-length", "12"}, {"content-length", "13"}}, 400},
        {"list of lengths", {{"content-length", "12, 12"}}, 400},
        {"signed", {{"content-length", "+12"}}, 400},
        {"negative", {{"content-length", "-1"}}, 400},
        {"hexadecimal", {{"content-length", "0x10"}}, 400},
        {"empty", {{"content-length", ""}}, 400},
        {"too large", {{"content-length", "99999999999999999999999"}}, 400},
        {"too many zeros", {{"content-length", std::string(21, '0')}}, 400},
        {"chunked twice", {{"transfer-encoding", "chunked"}, {"transfer-encoding", "chunked"}}, 400},
        {"other coding", {{"transfer-encoding", "gzip, chunked"}}, 501},
        {"identity", {{"transfer-encoding", "identity"}}, 501},
        {"hidden chunked", {{"transfer-encoding", "xchunked"}}, 501},
        {"chunked in HTTP/1.0", {{"transfer-encoding", "chunked"}}, 400, Version::http1_0},
        {"chunked in HTTP/2", {{"transfer-encoding", "chunked"}}, 400, Version::http2},
        {"other expectation", {{"expect", "200-ok"}}, 417},
    };
    for (const Row& row : rows) {
        Headers headers;
        for (const auto& [name, value] : row.headers) headers.add(name, value);
        const auto framing = read_framing(headers, row.version);
        EXPECT_EQ(framing ? 0 : framing.error().status, row.status) << row.name;
    }
}

TEST(RawHead, MustNotHideLines) {
    EXPECT_TRUE(is_unambiguous("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    for (const std::string_view head : {"GET / HTTP/1.1\nhost: a\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\rx: y\r\n\r\n",
                                        "GET / HTTP/1.1\r\nhost: a\r\n b\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n\tb\r\n\r\n"}) {
        EXPECT_FALSE(is_unambiguous(head)) << head;
    }
    EXPECT_FALSE(is_unambiguous(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace godwit::http
