#include "transport/rpc/grpc_stream.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <optional>
#include <utility>

#include "base/work_limit.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/streams.h"
#include "transport/rpc/validate.h"

namespace godwit::rpc::grpc {
namespace pb = google::protobuf;
namespace {

/// Their status stands in trailers.
class GrpcFraming final : public Framing {
public:
    explicit GrpcFraming(Coding coding) : coding_(coding) {}
    Result<std::string> message(const pb::Message& message) override { return frame_message(message.SerializeAsString(), coding_); }
    std::string end(const Error*) override { return {}; }
    http::Headers trailers(const Error* error) override {
        if (error) return status_fields(*error);
        http::Headers ok;
        ok.add("grpc-status", "0");
        return ok;
    }

private:
    const Coding coding_;
};

/// Takes messages off the request's body, and hands each to the handler.
class Conversation final : public AnyAnswers {
public:
    Conversation(const Method& method, Call call, Coding coding, std::unique_ptr<http::BodyStream> body)
        : method_(method), call_(std::move(call)), coding_(coding), body_(std::move(body)) {}

    void on_start(std::function<void()> wake) override { wake_ = std::move(wake); }

    Result<Step> next_message(pb::Message& response) override {
        for (;;) {
            std::string_view rest = bytes_;
            if (const auto frame = TRY(take_frame(rest, method_.options.max_request_bytes))) {
                TRY(answer(*frame, response));
                bytes_.erase(0, bytes_.size() - rest.size());
                return Step::message;
            }
            if (ended_ && !bytes_.empty()) return fail(Code::invalid_argument, "", "the message is cut off");
            if (ended_) return Step::end;
            auto piece = body_->poll(wake_);
            if (!piece) return Step::wait;
            const std::string more = TRY(*std::move(piece));
            ended_ = more.empty();
            bytes_ += more;
        }
    }

private:
    Result<void> answer(const Frame& frame, pb::Message& response) {
        pb::Arena arena;
        auto& message = *method_.request->New(&arena);
        std::string storage;
        TRY(parse_message(TRY(unpack(frame, coding_, method_.options.max_request_bytes, storage)), message));
        TRY(validate(message));
        return method_.handler(call_, message, response);
    }

    const Method& method_;
    const Call call_;
    const Coding coding_;
    const std::unique_ptr<http::BodyStream> body_;
    std::function<void()> wake_;
    std::string bytes_;
    bool ended_ = false;
};

}  // namespace

http::Response run_answers(const Gate& gate, const Method& method, http::Request& request) {
    GrpcCodec codec;
    return rpc::run_answers(gate, method, request, codec, [&] {
        const Coding coding = codec.codings().response;
        return AnswerStream{.head = response_head(coding), .framing = std::make_unique<GrpcFraming>(coding)};
    });
}

http::Response run_requests(const Gate& gate, const Method& method, http::Request& request) {
    const WorkLimit limit(request.deadline, request.cancelled);
    Codings codings;
    pb::Arena arena;
    auto& response = *method.response->New(&arena);
    const auto outcome = guarded([&]() -> Result<void> {
        codings = TRY(read_codings(request.headers));
        return rpc::run_requests(gate, method, request, codings.request, parse_message, response);
    });
    return outcome ? message_response(response, codings.response) : error_response(presentable(method, request, outcome.error()));
}

http::Response run_conversation(const Gate& gate, const Method& method, http::Request& request) {
    const WorkLimit limit(request.deadline, request.cancelled);
    Codings codings;
    std::unique_ptr<AnyAnswers> answers;
    const auto outcome = guarded([&]() -> Result<void> {
        codings = TRY(read_codings(request.headers));
        TRY(work_wanted());
        Call call = TRY(gate.admit(method.options, request, std::chrono::system_clock::now()));
        TRY(gate.authorize(method, method.options, nullptr, call));
        if (!request.stream) return fail(Code::internal, "RPC-Str3a", "the transport handed over no stream");
        answers = std::make_unique<Conversation>(method, std::move(call), codings.request, std::move(request.stream));
        return {};
    });
    if (!outcome) return error_response(presentable(method, request, outcome.error()));
    http::Response response = response_head(codings.response);
    response.body = answers_source(method, request, std::make_unique<GrpcFraming>(codings.response), std::move(answers));
    return response;
}

}  // namespace godwit::rpc::grpc
