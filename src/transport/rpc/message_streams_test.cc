// Calls that stream one way, in every encoding: by the declarations of godwit.migration.v1.
#include <gmock/gmock.h>

#include <deque>

#include "godwit/migration/v1/migration.pb.h"
#include "transport/rpc/endpoint_fixture.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/openapi.h"

namespace godwit::rpc {
namespace {

namespace v1 = migration::v1;
using ::testing::HasSubstr;

constexpr std::string_view kService = "godwit.migration.v1.MigrationService/";

class Pieces final : public http::BodyStream {
public:
    explicit Pieces(std::deque<std::string> pieces) : pieces_(std::move(pieces)) {}
    Result<std::string> read() override {
        if (pieces_.empty()) return std::string();
        auto piece = std::move(pieces_.front());
        pieces_.pop_front();
        if (piece == "cut") return fail(Code::cancelled, "", "the client has gone");
        return piece;
    }

private:
    std::deque<std::string> pieces_;
};

/// A job for each number, then a pause, then the end; or an error.
class Jobs final : public Answers<v1::WatchJobResponse> {
public:
    explicit Jobs(bool fails) : fails_(fails) {}
    Result<Step> next(v1::WatchJobResponse& response) override {
        if (++asked_ <= 2) {
            response.mutable_job()->set_id(std::to_string(asked_));
            return Step::message;
        }
        if (asked_ == 3) return Step::wait;
        if (fails_) return fail(Code::unavailable, "T-1", "gone");
        return Step::end;
    }

private:
    const bool fails_;
    int asked_ = 0;
};

class Reports final : public Answers<v1::RecordReport> {
public:
    explicit Reports(bool fails) : fails_(fails) {}
    Result<Step> next(v1::RecordReport& response) override {
        if (++asked_ > 2) return fails_ ? Result<Step>(fail(Code::unavailable, "T-1", "gone")) : Result<Step>(Step::end);
        response.set_source_id("s" + std::to_string(asked_));
        return Step::message;
    }

private:
    const bool fails_;
    int asked_ = 0;
};

class MessageStreamsTest : public EndpointTest {
protected:
    MessageStreamsTest() {
        const auto name = [](const char* method) { return std::string(kService) + method; };
        registry_.on_answers<v1::WatchJobRequest, v1::WatchJobResponse>(
            name("WatchJob"), {.lane = Lane::read},
            [](const Call&, const v1::WatchJobRequest& request) -> Result<std::unique_ptr<Answers<v1::WatchJobResponse>>> {
                if (request.job_id() == "0") return fail(Code::not_found, "T-0", "no such job");
                return std::make_unique<Jobs>(request.job_id() == "9");
            });
        registry_.on_answers<v1::ListRecordsRequest, v1::RecordReport>(
            name("ListRecords"), {.lane = Lane::read, .rest_stream = RestStream::lines},
            [](const Call&, const v1::ListRecordsRequest& request) -> Result<std::unique_ptr<Answers<v1::RecordReport>>> {
                return std::make_unique<Reports>(request.job_id() == "9");
            });
        registry_.on_requests<v1::SendRecordsRequest, v1::SendRecordsResponse>(
            name("SendRecords"), {.lane = Lane::bulk, .max_request_bytes = 1000},
            [](const Call&, Requests<v1::SendRecordsRequest>& requests, v1::SendRecordsResponse& response) -> Result<void> {
                v1::SendRecordsRequest request;
                for (;;) {
                    const auto step = TRY(requests.next(request, std::chrono::seconds(10)));
                    if (step == AnyRequests::Step::end) return {};
                    if (step != AnyRequests::Step::message) continue;
                    if (!request.job_id().empty()) response.mutable_job()->set_id(request.job_id());
                    response.mutable_job()->set_last_record(response.job().last_record() + static_cast<unsigned>(request.records_size()));
                }
            });
        registry_.on_stream(name("SendRecords"), {.lane = Lane::bulk, .max_request_bytes = 1u << 20},
                            [](const Call&, const google::protobuf::Message& head, http::BodyStream& body,
                               google::protobuf::Message& response) -> Result<void> {
                                const auto& said = static_cast<const v1::SendRecordsRequest&>(head);
                                auto& job = *static_cast<v1::SendRecordsResponse&>(response).mutable_job();
                                job.set_id(said.job_id());
                                job.set_last_record(said.first_record());
                                for (std::string piece = TRY(body.read()); !piece.empty(); piece = TRY(body.read()))
                                    job.set_error(job.error() + piece);
                                return {};
                            });
        endpoint_ = std::make_unique<Endpoint>(registry_, instances_, authenticator_, permissions_);
    }

    static http::Request call(const char* method, std::string type, std::deque<std::string> pieces) {
        auto out = request("POST", "/" + std::string(kService) + method, "");
        out.version = http::Version::http2;
        out.headers.set("content-type", std::move(type));
        out.stream = std::make_unique<Pieces>(std::move(pieces));
        return out;
    }
    static std::string sent(const std::string& job, int records) {
        v1::SendRecordsRequest message;
        message.set_job_id(job);
        for (int n = 0; n < records; ++n) message.add_records()->set_source_id("s");
        return grpc::frame_message(message.SerializeAsString());
    }
    http::Response handle(http::Request& rq) {
        const auto route = endpoint_->route(rq);
        EXPECT_TRUE(route);
        return route->handle(rq);
    }
    /// All that a stream says, and the trailers behind it.
    static std::string all_of(http::Response& response, http::Headers* trailers = nullptr, bool* failed = nullptr) {
        auto& source = *std::get<std::unique_ptr<http::BodySource>>(response.body);
        source.on_start([] {});
        std::string out;
        int waits = 0;
        for (auto piece = source.next(); piece && waits < 5; piece = source.next()) {
            waits += piece->empty() ? 1 : 0;
            out += *piece;
        }
        if (trailers) *trailers = source.trailers();
        if (failed) *failed = source.failed();
        return out;
    }
};

TEST_F(MessageStreamsTest, GrpcTakesAStreamAndAnswersOnce) {
    const std::string bytes = sent("7", 2) + sent("", 3);
    auto rq = call("SendRecords", "application/grpc", {bytes.substr(0, 7), bytes.substr(7, 20), bytes.substr(27)});
    const auto route = endpoint_->route(rq);
    EXPECT_TRUE(route->stream_body);
    EXPECT_FALSE(route->body_may_rest) << "it holds a thread";
    auto response = handle(rq);
    EXPECT_EQ(response.trailers.get("grpc-status"), "0");
    v1::SendRecordsResponse answer;
    const std::string answered = body(response);
    ASSERT_TRUE(answer.ParseFromString(std::string(grpc::read_frame(answered, 1000)->payload)));
    EXPECT_EQ(answer.job().id(), "7");
    EXPECT_EQ(answer.job().last_record(), 5u);
}

TEST_F(MessageStreamsTest, ABrokenStreamIsAnError) {
    const std::vector<std::pair<std::deque<std::string>, std::string>> rows{
        {{sent("7", 1).substr(0, 6)}, "3"}, {{"\x05nonsense"}, "3"}, {{sent("7", 1000)}, "8"}, {{sent("7", 1), "cut"}, "1"}};
    for (const auto& [pieces, status] : rows) {
        auto rq = call("SendRecords", "application/grpc", pieces);
        EXPECT_EQ(handle(rq).headers.get("grpc-status"), status);
    }
    auto rq = call("SendRecords", "application/grpc", {});
    rq.headers.remove("authorization");
    EXPECT_EQ(handle(rq).headers.get("grpc-status"), "16");
}

TEST_F(MessageStreamsTest, ConnectTakesAStream) {
    auto rq = call("SendRecords", "application/connect+proto", {sent("7", 2)});
    auto response = handle(rq);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("content-type"), "application/connect+proto");
    const std::string bytes = body(response);
    std::string_view rest = bytes;
    const auto frame = grpc::take_frame(rest, 1000);
    v1::SendRecordsResponse answer;
    ASSERT_TRUE(answer.ParseFromString(std::string((*frame)->payload)));
    EXPECT_EQ(answer.job().last_record(), 2u);
    EXPECT_EQ(rest, std::string_view("\2\0\0\0\2{}", 7)) << "the end of the stream";

    rq = call("SendRecords", "application/connect+json",
              {grpc::frame_message(R"({"jobId":"8","records":[{"sourceId":"a"}]})"), grpc::frame_message(R"({"records":7})")});
    EXPECT_THAT(body(response = handle(rq)), HasSubstr(R"("code":"invalid_argument")"));
    EXPECT_EQ(response.status, 200) << "the end of a stream says what went wrong";
    rq = call("SendRecords", "application/proto", {});
    EXPECT_EQ(handle(rq).status, 415);
    rq = call("SendRecords", "application/grpc-web", {});
    EXPECT_THAT(body(handle(rq)), HasSubstr("grpc-status: 12"));
}

TEST_F(MessageStreamsTest, RestTakesABodyOfAnyFormBehindPathAndQuery) {
    auto rq = request("POST", "/migration/v1/jobs/7/records", "");
    rq.query = "firstRecord=5&more=true";
    rq.stream = std::make_unique<Pieces>(std::deque<std::string>{"{}\n", "{}\n"});
    EXPECT_TRUE(endpoint_->route(rq)->stream_body);
    auto response = handle(rq);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body(response), R"({"job":{"id":"7","lastRecord":"5","error":"{}\n{}\n"}})");
    rq = request("POST", "/migration/v1/jobs/7/records", "");
    rq.query = "firstRecord=x";
    rq.stream = std::make_unique<Pieces>(std::deque<std::string>{});
    EXPECT_EQ(handle(rq).status, 400);
}

TEST_F(MessageStreamsTest, AnswersAreServerSentEvents) {
    auto rq = request("GET", "/migration/v1/jobs/7/events", "");
    auto response = handle(rq);
    EXPECT_EQ(response.headers.get("content-type"), "text/event-stream");
    EXPECT_EQ(all_of(response), "data: {\"job\":{\"id\":\"1\"}}\n\ndata: {\"job\":{\"id\":\"2\"}}\n\nevent: end\ndata: {}\n\n");
    rq = request("GET", "/migration/v1/jobs/9/events", "");
    response = handle(rq);
    EXPECT_THAT(all_of(response), HasSubstr("event: error\ndata: {\"code\":14,"));
    rq = request("GET", "/migration/v1/jobs/0/events", "");
    EXPECT_EQ(handle(rq).status, 404) << "what is wrong from the start has a status";
}

TEST_F(MessageStreamsTest, AnswersAreLines) {
    auto rq = request("GET", "/migration/v1/jobs/7/records", "");
    auto response = handle(rq);
    bool failed = true;
    EXPECT_EQ(response.headers.get("content-type"), "application/x-ndjson");
    EXPECT_EQ(all_of(response, nullptr, &failed), "{\"sourceId\":\"s1\"}\n{\"sourceId\":\"s2\"}\n");
    EXPECT_FALSE(failed);
    rq = request("GET", "/migration/v1/jobs/9/records", "");
    response = handle(rq);
    (void)all_of(response, nullptr, &failed);
    EXPECT_TRUE(failed) << "broken off visibly";
}

TEST_F(MessageStreamsTest, AnswersAreFramesOfGrpcAndConnect) {
    v1::WatchJobRequest watch;
    watch.set_job_id("9");
    for (const char* type : {"application/grpc", "application/connect+proto"}) {
        SCOPED_TRACE(type);
        auto rq = call("WatchJob", type, {});
        rq.body = grpc::frame_message(watch.SerializeAsString());
        auto response = handle(rq);
        http::Headers trailers;
        const std::string bytes = all_of(response, &trailers);
        std::string_view rest = bytes;
        for (const char* id : {"1", "2"}) {
            const auto frame = grpc::take_frame(rest, 1000);
            v1::WatchJobResponse answer;
            ASSERT_TRUE(frame && *frame && answer.ParseFromString(std::string((*frame)->payload)));
            EXPECT_EQ(answer.job().id(), id);
        }
        if (std::string_view(type) == "application/grpc") {
            EXPECT_EQ(rest, "");
            EXPECT_EQ(trailers.get("grpc-status"), "14");
        } else {
            EXPECT_EQ(rest.front(), '\2');
            EXPECT_THAT(std::string(rest), HasSubstr(R"("error":{"code":"unavailable")"));
        }
    }
}

TEST_F(MessageStreamsTest, OpenApiSaysWhatStreams) {
    OpenApi openapi(registry_, "1");
    auto rq = request("GET", "/openapi.json", "");
    const std::string text = body(openapi.route(rq)->handle(rq));
    for (const char* part : {"/migration/v1/jobs/{jobId}/records", "text/event-stream", "application/x-ndjson", "\"firstRecord\""})
        EXPECT_THAT(text, HasSubstr(part));
}

}  // namespace
}  // namespace godwit::rpc
