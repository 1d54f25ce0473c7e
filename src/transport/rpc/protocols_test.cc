// gRPC, gRPC-Web and Connect over the registry, with requests made by hand.
#include "base/encoding.h"
#include "base/url.h"
#include "transport/rpc/compression.h"
#include "transport/rpc/endpoint_fixture.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/grpc_web.h"

namespace godwit::rpc {
namespace {

using namespace std::string_literals;

const std::string kGetUser = "/zitadel.management.v1.ManagementService/GetUserByID";
const std::string kUpdateUserName = "/zitadel.management.v1.ManagementService/UpdateUserName";

std::string user(std::string id) {
    mgmt::GetUserByIDRequest message;
    message.set_id(std::move(id));
    return message.SerializeAsString();
}

/// The message of a gRPC answer, decompressed.
mgmt::GetUserByIDResponse read_user(std::string_view body, Coding coding = Coding::identity) {
    std::string storage;
    const auto frame = grpc::read_frame(body, 1 << 20);
    EXPECT_TRUE(frame);
    mgmt::GetUserByIDResponse out;
    EXPECT_TRUE(frame && out.ParseFromString(std::string(grpc::unpack(*frame, coding, 1 << 20, storage).value())));
    return out;
}

class GrpcTest : public EndpointTest {
protected:
    static http::Request grpc_call(std::string id, std::string path = kGetUser) {
        auto out = request("POST", std::move(path), grpc::frame_message(user(std::move(id))));
        out.version = http::Version::http2;
        out.headers.set("content-type", "application/grpc");
        return out;
    }
};

TEST_F(GrpcTest, Answers) {
    auto call = grpc_call("42");
    call.headers.set("grpc-timeout", "1M");
    const auto response = send(std::move(call));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.trailers.get("grpc-status"), "0");
    EXPECT_EQ(response.headers.get("grpc-accept-encoding"), "gzip");
    EXPECT_FALSE(response.headers.find("grpc-encoding"));
    EXPECT_EQ(read_user(body(response)).user().user_name(), "alice@10");
    EXPECT_TRUE(deadline_);
}

TEST_F(GrpcTest, SaysWhatIsWrong) {
    struct Row {
        std::string name, code;
        std::function<void(http::Request&)> change;
    };
    const auto header = [](std::string name, std::string value) { return [=](http::Request& call) { call.headers.set(name, value); }; };
    const auto with_body = [](std::string bytes) { return [=](http::Request& call) { call.body = bytes; }; };
    const Row rows[] = {
        {"not found", "5", with_body(grpc::frame_message(user("nope")))},
        {"against the contract's limits", "3", with_body(grpc::frame_message(user("")))},
        {"late", "4", header("grpc-timeout", "0m")},
        {"odd time-out", "3", header("grpc-timeout", "soon")},
        {"broken message", "3", with_body("\0\0\0\0\1\xff"s)},
        {"anonymous", "16", header("authorization", "")},
        {"HTTP/1.1", "13", [](http::Request& call) { call.version = http::Version::http1_1; }},
        {"unknown compression", "12", header("grpc-encoding", "br")},
        {"compressed, but not said so", "3", with_body("\1\0\0\0\1x"s)},
        {"the client has gone", "1", [](http::Request& call) { call.cancelled = [] { return true; }; }},
    };
    for (const auto& row : rows) {
        auto call = grpc_call("42");
        row.change(call);
        EXPECT_EQ(send(std::move(call)).headers.get("grpc-status"), row.code) << row.name;
    }
    for (const std::string unknown :
         {"/zitadel.management.v1.ManagementService/Nope", "/no.Such/Method", "/zitadel.admin.v1.AdminService/ImportData"}) {
        EXPECT_EQ(send(grpc_call("42", unknown)).headers.get("grpc-status"), "12") << unknown;
    }
}

TEST_F(GrpcTest, CompressesWhenTheClientCan) {
    const std::string packed = gzip(user("large"));
    auto call = grpc_call("");
    call.body = "\1\0\0\0"s + static_cast<char>(packed.size()) + packed;
    call.headers.set("grpc-encoding", "gzip");
    call.headers.set("grpc-accept-encoding", "deflate, gzip");
    const auto response = send(std::move(call));
    EXPECT_EQ(response.headers.get("grpc-encoding"), "gzip");
    EXPECT_EQ(body(response).front(), '\1');
    EXPECT_EQ(read_user(body(response), Coding::gzip).user().id(), "large");
}

TEST_F(GrpcTest, DefusesBombs) {
    const std::string bomb = gzip(std::string(64 << 20, '\0'));
    ASSERT_LT(bomb.size(), 1u << 20);
    auto call = grpc_call("42");
    call.body = "\1"s;
    for (int shift = 24; shift >= 0; shift -= 8) call.body += static_cast<char>(bomb.size() >> shift);
    call.body += bomb;
    call.headers.set("grpc-encoding", "gzip");
    const auto response = send(std::move(call));
    EXPECT_EQ(response.headers.get("grpc-status"), "8");
    EXPECT_EQ(response.headers.get("grpc-message"), "received message larger than max (over 4194304 bytes once it is decompressed)");
}

class GrpcWebTest : public EndpointTest {
protected:
    static http::Request web_call(std::string type, std::string bytes) {
        auto out = request("POST", kGetUser, std::move(bytes));
        out.headers.set("content-type", std::move(type));
        out.headers.set("origin", "https://shop.example");
        return out;
    }
};

TEST_F(GrpcWebTest, PutsTrailersIntoTheBody) {
    const auto response = send(web_call("application/grpc-web+proto", grpc::frame_message(user("42"))));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("content-type"), "application/grpc-web+proto");
    EXPECT_EQ(response.headers.get("access-control-allow-origin"), "https://shop.example");
    EXPECT_NE(response.headers.get("access-control-expose-headers").find("Grpc-Status-Details-Bin"), std::string_view::npos);
    EXPECT_EQ(response.trailers.size(), 0u);
    const std::string trailer = "\x80\0\0\0\x10grpc-status: 0\r\n"s;
    ASSERT_TRUE(body(response).ends_with(trailer));
    EXPECT_EQ(read_user(body(response).substr(0, body(response).size() - trailer.size())).user().id(), "42");
}

TEST_F(GrpcWebTest, SpeaksBase64) {
    const auto frame = grpc::frame_message(user("nope"));
    const auto text = base64_encode(frame.substr(0, 4)) + base64_encode(frame.substr(4));
    const auto response = send(web_call("application/grpc-web-text", text));
    EXPECT_EQ(response.headers.get("content-type"), "application/grpc-web-text");
    const auto bytes = grpc_web::decode_text(body(response)).value();
    EXPECT_EQ(bytes.front(), '\x80');
    EXPECT_NE(bytes.find("grpc-status: 5\r\ngrpc-message: User could not be found (QUERY-Dfbg2)\r\ngrpc-status-details-bin: "),
              std::string::npos)
        << bytes;
    EXPECT_FALSE(response.headers.find("grpc-status"));
    const auto broken = grpc_web::decode_text(body(send(web_call("application/grpc-web-text", "a=b")))).value();
    EXPECT_NE(broken.find("grpc-status: 3\r\n"), std::string::npos) << broken;
}

class ConnectTest : public EndpointTest {
protected:
    static http::Request connect_call(std::string json, std::string path = kGetUser) {
        auto out = request("POST", std::move(path), std::move(json));
        out.headers.set("content-type", "application/json");
        out.headers.set("connect-protocol-version", "1");
        return out;
    }
    static http::Request get(std::string query, std::string path = kGetUser) { return request("GET", path + "?" + query); }
};

TEST_F(ConnectTest, SpeaksJsonAndProto) {
    const std::string answer = R"({"user":{"id":"42","userName":"alice@10"}})";
    auto json = connect_call(R"({"id":"42"})");
    json.headers.set("connect-timeout-ms", "60000");
    const auto response = send(std::move(json));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("content-type"), "application/json");
    EXPECT_EQ(body(response), answer);
    EXPECT_TRUE(deadline_);

    auto without_version = connect_call(R"({"id":"42"})");
    without_version.headers.remove("connect-protocol-version");
    without_version.headers.set("content-type", "application/json; charset=utf-8");
    EXPECT_EQ(body(send(std::move(without_version))), answer);

    auto proto = connect_call(user("42"));
    proto.headers.set("content-type", "application/proto");
    const auto binary = send(std::move(proto));
    EXPECT_EQ(binary.headers.get("content-type"), "application/proto");
    mgmt::GetUserByIDResponse message;
    ASSERT_TRUE(message.ParseFromString(body(binary)));
    EXPECT_EQ(message.user().id(), "42");
}

TEST_F(ConnectTest, ShowsErrors) {
    const auto response = send(connect_call(R"({"id":"nope"})"));
    EXPECT_EQ(response.status, 404);
    zitadel::v1::ErrorDetail detail;
    detail.set_id("QUERY-Dfbg2");
    detail.set_message("User could not be found");
    const std::string expected = R"x({"code":"not_found","message":"User could not be found (QUERY-Dfbg2)","details":[)x"
                                 R"x({"type":"zitadel.v1.ErrorDetail","value":")x" +
                                 base64_encode(detail.SerializeAsString(), Base64::standard_unpadded) +
                                 R"x(","debug":{"id":"QUERY-Dfbg2","message":"User could not be found"}}]})x";
    EXPECT_EQ(body(response), expected);
    struct Row {
        std::string name;
        int status;
        std::string code;
        std::function<void(http::Request&)> change;
    };
    const auto header = [](std::string name, std::string value) { return [=](http::Request& call) { call.headers.set(name, value); }; };
    const Row rows[] = {
        {"limits", 400, "invalid_argument", [](http::Request& call) { call.body = "{}"; }},
        {"broken JSON", 400, "invalid_argument", [](http::Request& call) { call.body = "{"; }},
        {"version", 400, "invalid_argument", header("connect-protocol-version", "2")},
        {"anonymous", 401, "unauthenticated", header("authorization", "")},
        {"late", 504, "deadline_exceeded", header("connect-timeout-ms", "0")},
        {"odd time-out", 400, "invalid_argument", header("connect-timeout-ms", "1s")},
        {"long time-out", 400, "invalid_argument", header("connect-timeout-ms", "12345678901")},
        {"compression", 501, "unimplemented", header("content-encoding", "br")},
        {"not gzip", 400, "invalid_argument", header("content-encoding", "gzip")},
        {"too long", 429, "resource_exhausted", [](http::Request& call) { call.body = std::string((4 << 20) + 1, ' '); }},
        {"unknown", 404, "unimplemented", [](http::Request& call) { call.path += "s"; }},
        {"internal", 500, "internal", [](http::Request& call) { call.body = R"({"id":"throw"})"; }},
    };
    for (const auto& row : rows) {
        auto call = connect_call(R"({"id":"42"})");
        row.change(call);
        const auto refused = send(std::move(call));
        EXPECT_EQ(refused.status, row.status) << row.name;
        EXPECT_TRUE(body(refused).starts_with("{\"code\":\"" + row.code + "\",\"message\":\"")) << row.name << body(refused);
        EXPECT_EQ(body(refused).find("secret"), std::string::npos);
    }
}

TEST_F(ConnectTest, RefusesOtherTypesAndVerbs) {
    for (const std::string type : {"application/connect+json", "application/connect+proto", "text/plain", "application/grpc+json", ""}) {
        auto call = connect_call("{}");
        call.headers.set("content-type", type);
        const auto response = send(std::move(call));
        EXPECT_EQ(response.status, 415) << type;
        EXPECT_NE(response.headers.get("accept-post").find("application/proto"), std::string_view::npos);
    }
    auto put = connect_call("{}");
    put.method = "PUT";
    const auto response = send(std::move(put));
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.get("allow"), "GET, POST");
}

TEST_F(ConnectTest, TakesReadsByGet) {
    const std::string answer = R"({"user":{"id":"42","userName":"alice@10"}})";
    EXPECT_EQ(body(send(get("connect=v1&encoding=json&message=" + percent_encode(R"({"id":"42"})")))), answer);
    EXPECT_EQ(body(send(get("encoding=json&base64=1&message=" + base64_encode(R"({"id":"42"})", Base64::url)))), answer);
    const auto packed = base64_encode(gzip(user("42")), Base64::url_padded);
    EXPECT_EQ(send(get("encoding=proto&base64=1&compression=gzip&message=" + percent_encode(packed))).headers.get("content-type"),
              "application/proto");
    for (const auto& [query, status] : {std::pair("message=%7B%7D"s, 415),
                                        {"encoding=xml&message=%7B%7D", 415},
                                        {"encoding=json", 400},
                                        {"encoding=json&connect=v2&message=%7B%7D", 400},
                                        {"encoding=json&base64=2&message=%7B%7D", 400},
                                        {"encoding=json&base64=1&message=%7B", 400},
                                        {"encoding=json&compression=br&message=%7B%7D", 501},
                                        {"encoding=json&message=%7B%22id%22%3A%22nope%22%7D", 404}}) {
        EXPECT_EQ(send(get(query)).status, status) << query;
    }
    const auto write = send(get("encoding=json&message=%7B%7D", kUpdateUserName));
    EXPECT_EQ(write.status, 405);
    EXPECT_EQ(write.headers.get("allow"), "POST");
}

TEST_F(ConnectTest, Compresses) {
    auto call = connect_call(gzip(R"({"id":")" + std::string(150, 'x') + R"("})"));
    call.headers.set("content-encoding", "gzip");
    call.headers.set("accept-encoding", "gzip");
    const auto response = send(std::move(call));
    EXPECT_EQ(response.status, 200);
    EXPECT_FALSE(response.headers.find("content-encoding")) << "too short to be worth it";
    auto large = connect_call(R"({"id":"large"})");
    large.headers.set("accept-encoding", "br, gzip;q=0.8");
    const auto packed = send(std::move(large));
    EXPECT_EQ(packed.headers.get("content-encoding"), "gzip");
    EXPECT_NE(gunzip(body(packed), 1 << 20).value().find("\"id\":\"large\""), std::string::npos);
}

TEST_F(ConnectTest, LetsPagesOfOtherOriginsCall) {
    auto preflight = request("OPTIONS", kGetUser);
    preflight.headers.set("origin", "https://shop.example");
    preflight.headers.set("access-control-request-method", "POST");
    preflight.headers.set("access-control-request-headers", "authorization,connect-protocol-version,connect-timeout-ms,content-type");
    const auto allowed = send(std::move(preflight));
    EXPECT_EQ(allowed.status, 204);
    EXPECT_EQ(allowed.headers.get("access-control-allow-origin"), "https://shop.example");
    auto call = connect_call(R"({"id":"nope"})");
    call.headers.set("origin", "https://shop.example");
    EXPECT_EQ(send(std::move(call)).headers.get("access-control-allow-origin"), "https://shop.example");
}

}  // namespace
}  // namespace godwit::rpc
