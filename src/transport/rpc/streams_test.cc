// Calls that stream, by gRPC's own services: reflection (both sides) and health's Watch (the server alone).
#include <google/protobuf/descriptor.pb.h>

#include <deque>

#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "transport/rpc/endpoint_fixture.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/grpc_web.h"
#include "transport/rpc/health.h"
#include "transport/rpc/reflection.h"

namespace godwit::rpc {
namespace {

namespace v1 = ::grpc::reflection::v1;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;

/// What a client has sent so far; the test adds to it.
struct Sent {
    std::deque<std::string> pieces;
    bool ended = false;
    std::function<void()> wake;
};

class GrowingStream final : public http::BodyStream {
public:
    explicit GrowingStream(Sent& sent) : sent_(sent) {}
    Result<std::string> read() override { return fail(Code::internal, "", "a stream of messages must not wait"); }
    std::optional<Result<std::string>> poll(std::function<void()> wake) override {
        if (sent_.pieces.empty() && sent_.ended) return std::string();
        if (sent_.pieces.empty()) {
            sent_.wake = std::move(wake);
            return std::nullopt;
        }
        auto piece = std::move(sent_.pieces.front());
        sent_.pieces.pop_front();
        return piece;
    }

private:
    Sent& sent_;
};

class StreamsTest : public EndpointTest {
protected:
    StreamsTest() {
        health_.register_on(registry_);
        register_reflection(registry_);
        endpoint_ = std::make_unique<Endpoint>(registry_, instances_, authenticator_, permissions_);
    }

    static http::Request call(std::string path, std::string body = {}) {
        auto out = request("POST", std::move(path), std::move(body));
        out.version = http::Version::http2;
        out.host = "probe.example";  // health and reflection answer on any host
        out.headers.remove("authorization");
        out.headers.set("content-type", "application/grpc");
        return out;
    }

    /// Requests must live as long as their answers.
    http::Response start(http::Request& rq) {
        const auto route = endpoint_->route(rq);
        EXPECT_TRUE(route);
        return route ? route->handle(rq) : http::Response{};
    }

    static http::BodySource& source(const http::Response& response) { return *std::get<std::unique_ptr<http::BodySource>>(response.body); }

    template <class Message>
    static Message read(std::string_view frame) {
        Message out;
        EXPECT_TRUE(out.ParseFromString(std::string(grpc::read_frame(frame, 1 << 20).value().payload)));
        return out;
    }

    /// The first message of what may be several.
    template <class Message>
    static Message take(std::string_view& frames) {
        Message out;
        const auto frame = grpc::take_frame(frames, 1 << 20).value();
        EXPECT_TRUE(frame && out.ParseFromString(std::string(frame->payload)));
        return out;
    }

    static std::string watch(std::string service) {
        HealthCheckRequest request;
        request.set_service(std::move(service));
        return grpc::frame_message(request.SerializeAsString());
    }

    std::atomic<bool> ready_ = true;
    Health health_{[this] { return ready_.load(); }};
};

TEST_F(StreamsTest, ReflectionAnswersMessageByMessage) {
    Sent sent;
    auto rq = call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
    const auto route = endpoint_->route(rq);
    EXPECT_TRUE(route->stream_body && route->body_may_rest);
    rq.stream = std::make_unique<GrowingStream>(sent);
    const auto response = route->handle(rq);
    source(response).on_start([] {});
    EXPECT_EQ(source(response).next(), "") << "nothing was asked yet";
    EXPECT_TRUE(sent.wake);

    v1::ServerReflectionRequest list, file;
    list.set_list_services("*");
    file.set_file_containing_symbol("zitadel.management.v1.ManagementService.GetUserByID");
    const auto both = grpc::frame_message(list.SerializeAsString()) + grpc::frame_message(file.SerializeAsString());
    sent.pieces = {both.substr(0, 3), both.substr(3)};
    const std::string answered = *source(response).next();
    std::string_view frames = answered;
    const auto services = take<v1::ServerReflectionResponse>(frames);
    std::vector<std::string> names;
    for (const auto& service : services.list_services_response().service()) names.push_back(service.name());
    EXPECT_EQ(names, registry_.services());

    const auto files = take<v1::ServerReflectionResponse>(frames);
    google::protobuf::FileDescriptorProto first;
    ASSERT_TRUE(first.ParseFromString(files.file_descriptor_response().file_descriptor_proto(0)));
    EXPECT_EQ(first.name(), "zitadel/management.proto");
    EXPECT_GT(files.file_descriptor_response().file_descriptor_proto_size(), first.dependency_size());

    sent.ended = true;
    EXPECT_EQ(source(response).next(), std::nullopt);
    EXPECT_EQ(source(response).trailers().get("grpc-status"), "0");
}

TEST_F(StreamsTest, ReflectionSaysWhatItDoesNotKnow) {
    Sent sent{.pieces = {}, .ended = true, .wake = {}};
    v1::ServerReflectionRequest unknown, number;
    unknown.set_file_containing_symbol("no.Such");
    number.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
    sent.pieces = {grpc::frame_message(unknown.SerializeAsString()), grpc::frame_message(number.SerializeAsString()), "\x02"};
    auto rq = call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
    rq.stream = std::make_unique<GrowingStream>(sent);
    const auto response = start(rq);
    const std::string answered = *source(response).next();
    std::string_view frames = answered;
    EXPECT_EQ(take<v1::ServerReflectionResponse>(frames).error_response().error_code(), 5);
    const auto numbers = take<v1::ServerReflectionResponse>(frames).all_extension_numbers_response();
    EXPECT_NE(std::ranges::find(numbers.extension_number(), 72295728), numbers.extension_number().end()) << "google.api.http";
    EXPECT_EQ(source(response).next(), std::nullopt);
    EXPECT_EQ(source(response).trailers().get("grpc-status"), "3") << "a message that is cut off";
}

TEST_F(StreamsTest, HealthIsChecked) {
    auto rq = call("/grpc.health.v1.Health/Check", watch(""));
    EXPECT_EQ(read<HealthCheckResponse>(body(start(rq))).status(), HealthCheckResponse::SERVING);
    ready_ = false;
    rq = call("/grpc.health.v1.Health/Check", watch("zitadel.user.v2.UserService"));
    EXPECT_EQ(read<HealthCheckResponse>(body(start(rq))).status(), HealthCheckResponse::NOT_SERVING);
    rq = call("/grpc.health.v1.Health/Check", watch("no.Such"));
    EXPECT_EQ(start(rq).headers.get("grpc-status"), "5");
    auto connect = request("POST", "/grpc.health.v1.Health/Check", "{}");
    connect.headers.set("content-type", "application/json");
    EXPECT_EQ(body(start(connect)), R"({"status":"NOT_SERVING"})");
}

TEST_F(StreamsTest, HealthIsWatchedUntilTheServerStops) {
    auto rq = call("/grpc.health.v1.Health/Watch", watch(""));
    const auto response = start(rq);
    std::atomic<int> wakes = 0;
    source(response).on_start([&] { ++wakes; });
    EXPECT_EQ(read<HealthCheckResponse>(*source(response).next()).status(), HealthCheckResponse::SERVING);
    EXPECT_EQ(source(response).next(), "");
    auto check = call("/grpc.health.v1.Health/Check", watch(""));
    ready_ = false;
    (void)start(check);
    EXPECT_EQ(wakes, 1);
    EXPECT_EQ(read<HealthCheckResponse>(*source(response).next()).status(), HealthCheckResponse::NOT_SERVING);
    health_.begin_shutdown();
    EXPECT_EQ(wakes, 2);
    EXPECT_EQ(source(response).next(), std::nullopt);
    EXPECT_EQ(source(response).trailers().get("grpc-status"), "14");
}

TEST_F(StreamsTest, HealthIsWatchedByGrpcWeb) {
    auto rq = call("/grpc.health.v1.Health/Watch", watch("no.Such"));
    rq.version = http::Version::http1_1;
    rq.headers.set("content-type", "application/grpc-web-text");
    rq.body = "AAAAAAkKB25vLlN1Y2g=";
    const auto response = start(rq);
    source(response).on_start([] {});
    EXPECT_EQ(read<HealthCheckResponse>(grpc_web::decode_text(*source(response).next()).value()).status(),
              HealthCheckResponse::SERVICE_UNKNOWN);
    EXPECT_EQ(source(response).next(), "");
    health_.begin_shutdown();
    EXPECT_NE(grpc_web::decode_text(*source(response).next()).value().find("grpc-status: 14"), std::string::npos);
    EXPECT_EQ(source(response).next(), std::nullopt);
}

TEST_F(StreamsTest, RefusesWhatAProtocolCannotCarry) {
    auto web = call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
    web.headers.set("content-type", "application/grpc-web");
    EXPECT_NE(body(start(web)).find("grpc-status: 12"), std::string::npos);
    auto connect = call("/grpc.health.v1.Health/Watch", "{}");
    connect.headers.set("content-type", "application/json");
    EXPECT_EQ(start(connect).status, 415);
    auto late = call("/grpc.health.v1.Health/Watch", watch(""));
    late.headers.set("grpc-timeout", "0n");
    EXPECT_EQ(start(late).headers.get("grpc-status"), "4");
}

}  // namespace
}  // namespace godwit::rpc
