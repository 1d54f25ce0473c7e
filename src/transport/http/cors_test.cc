// Answers as recorded from the reference (tests/golden: import_human "OPTIONS preflight", misc_http "CORS …").
#include "transport/http/cors.h"

#include <gtest/gtest.h>

namespace godwit::http {
namespace {

Request from(std::string_view method, std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
    Request request;
    request.method = method;
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    return request;
}

TEST(Cors, PreflightOfAllowedHeadersIsGranted) {
    const auto request = from("OPTIONS", {{"origin", "http://example.com"},
                                          {"access-control-request-method", "POST"},
                                          {"access-control-request-headers", "authorization,content-type,x-zitadel-orgid"}});
    const auto response = answer_preflight(request, api_cors());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 204);
    EXPECT_EQ(response->headers.get("access-control-allow-credentials"), "true");
    EXPECT_EQ(response->headers.get("access-control-allow-headers"), "authorization,content-type,x-zitadel-orgid");
    EXPECT_EQ(response->headers.get("access-control-allow-methods"), "POST");
    EXPECT_EQ(response->headers.get("access-control-allow-origin"), "http://example.com");
    EXPECT_EQ(response->headers.get("vary"), "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
}

TEST(Cors, PreflightIsRefusedByLeavingThePermissionOut) {
    struct Row {
        const char *name, *method, *headers, *origin;
    };
    for (const Row& row :
         {Row{"unknown header", "GET", "authorization, x-custom", "https://app.example.com"},
          Row{"unknown method", "PURGE", "authorization", "https://app.example.com"}, Row{"no origin", "GET", "authorization", ""}}) {
        const auto request =
            from("OPTIONS",
                 {{"origin", row.origin}, {"access-control-request-method", row.method}, {"access-control-request-headers", row.headers}});
        const auto response = answer_preflight(request, api_cors());
        ASSERT_TRUE(response) << row.name;
        EXPECT_EQ(response->status, 204) << row.name;
        EXPECT_EQ(response->headers.size(), 1U) << row.name;  // Vary
    }
}

TEST(Cors, OnlyOptionsWithARequestedMethodIsAPreflight) {
    EXPECT_FALSE(answer_preflight(from("OPTIONS", {{"origin", "https://a"}}), api_cors()));
    EXPECT_FALSE(answer_preflight(from("POST", {{"origin", "https://a"}, {"access-control-request-method", "POST"}}), api_cors()));
}

TEST(Cors, SimpleRequestsMayBeReadByTheirOrigin) {
    const auto request = from("GET", {{"origin", "https://app.example.com"}});
    Response response;
    response.headers.add("vary", "Cookie");
    add_cors(request, api_cors(), response);
    EXPECT_EQ(response.headers.get("access-control-allow-credentials"), "true");
    EXPECT_EQ(response.headers.get("access-control-allow-origin"), "https://app.example.com");
    EXPECT_EQ(response.headers.get("access-control-expose-headers"),
              "Location, Content-Length, DPoP-Nonce, WWW-Authenticate, Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin");
    EXPECT_EQ(response.headers.get("vary"), "Origin, Cookie");

    Response plain;
    add_cors(from("GET", {}), plain_cors(), plain);
    EXPECT_EQ(plain.headers.size(), 1U);
    EXPECT_EQ(plain.headers.get("vary"), "Origin");
}

}  // namespace
}  // namespace godwit::http
