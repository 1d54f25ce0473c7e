// What every client relies on, over HTTP/1.1, HTTP/2 with prior knowledge, and TLS, with curl as the client.
#include "transport/http/server.h"

#include <gtest/gtest.h>

#include "transport/http/test_client.h"

namespace godwit::http {
namespace {

using testing::AccessLog;
using testing::curl;
using testing::on;
using testing::TestServer;

/// Answers with what it saw.
Response describe(Request& request) {
    std::string text = request.method + " " + request.path + " ?" + request.query + " host=" + request.host + " port=" + request.port +
                       " from=" + request.client_address + (request.secure ? " secure" : "") + " body=" + request.body;
    return text_response(200, std::move(text));
}

class Versions : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Curl, Versions, ::testing::Values("--http1.1", "--http2-prior-knowledge", "--http1.0"));

std::string flags() { return std::string(Versions::GetParam()) + " "; }

TEST_P(Versions, CarryARequestToItsHandlerAndBack) {
    for (const Lane lane : {Lane::in_line, Lane::read}) {
        const TestServer server([&](const Request&) { return on(lane, describe); });
        const std::string port = std::to_string(server.server->port());
        EXPECT_EQ(curl(flags() + server.url("/a/b%20c?x=1&y")),
                  "GET /a/b%20c ?x=1&y host=127.0.0.1 port=" + port + " from=127.0.0.1 body=");
        EXPECT_EQ(curl(flags() + "-H 'Host: Example.COM.:8080' --data hello " + server.url("/post")),
                  "POST /post ? host=example.com port=8080 from=127.0.0.1 body=hello");
        EXPECT_EQ(curl(flags() + "-X PURGE -H 'Host: a' " + server.url("/")), "PURGE / ? host=a port= from=127.0.0.1 body=");
    }
}

}  // namespace
}  // namespace godwit::http
