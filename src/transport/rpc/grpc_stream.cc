#include "transport/rpc/grpc_stream.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <optional>
#include <utility>

#include "base/work_limit.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/validate.h"

namespace godwit::rpc::grpc {
namespace pb = google::protobuf;
namespace {

/// Answers as frames, and their status as trailers.
class FrameSource final : public http::BodySource {
public:
    FrameSource(const Method& method, const http::Request& request, Coding coding, std::unique_ptr<AnyAnswers> answers)
        : method_(method), request_(request), coding_(coding), answers_(std::move(answers)) {}

    void on_start(std::function<void()> wake) override { answers_->on_start(std::move(wake)); }

    std::optional<std::string> next() override {
        if (!answers_) return std::nullopt;
        const WorkLimit limit(request_.deadline, request_.cancelled);
        pb::Arena arena;
        auto& response = *method_.response->New(&arena);
        auto step = AnyAnswers::Step::end;
        const auto outcome = guarded([&]() -> Result<void> {
            TRY(work_wanted());
            step = TRY(answers_->next_message(response));
            return {};
        });
        if (outcome && step == AnyAnswers::Step::wait) return "";
        if (outcome && step == AnyAnswers::Step::message) return frame_message(response.SerializeAsString(), coding_);
        if (!outcome) error_ = presentable(method_, request_, outcome.error());
        answers_.reset();
        return std::nullopt;
    }

    http::Headers trailers() override {
        if (error_) return status_fields(*error_);
        http::Headers ok;
        ok.add("grpc-status", "0");
        return ok;
    }

private:
    const Method& method_;
    const http::Request& request_;
    const Coding coding_;
    std::unique_ptr<AnyAnswers> answers_;
    std::optional<Error> error_;
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

http::Response start(const Method& method, http::Request& request,
                     const std::function<Result<std::unique_ptr<AnyAnswers>>(const Codings&)>& begin) {
    const WorkLimit limit(request.deadline, request.cancelled);
    Codings codings;
    std::unique_ptr<AnyAnswers> answers;
    const auto outcome = guarded([&]() -> Result<void> {
        codings = TRY(read_codings(request.headers));
        answers = TRY(begin(codings));
        return {};
    });
    if (!outcome) return error_response(presentable(method, request, outcome.error()));
    http::Response response = response_head(codings.response);
    response.body = std::make_unique<FrameSource>(method, request, codings.response, std::move(answers));
    return response;
}

}  // namespace

http::Response run_answers(const Gate& gate, const Method& method, http::Request& request) {
    return start(method, request, [&](const Codings&) -> Result<std::unique_ptr<AnyAnswers>> {
        pb::Arena arena;
        GrpcCodec codec;
        auto& message = *method.request->New(&arena);
        const Call call = TRY(enter(gate, method, request, codec, message));
        return method.answers(call, message);
    });
}

http::Response run_conversation(const Gate& gate, const Method& method, http::Request& request) {
    return start(method, request, [&](const Codings& codings) -> Result<std::unique_ptr<AnyAnswers>> {
        TRY(work_wanted());
        Call call = TRY(gate.admit(method.options, request, std::chrono::system_clock::now()));
        TRY(gate.authorize(method, method.options, nullptr, call));
        if (!request.stream) return fail(Code::internal, "RPC-Str3a", "the transport handed over no stream");
        return std::make_unique<Conversation>(method, std::move(call), codings.request, std::move(request.stream));
    });
}

}  // namespace godwit::rpc::grpc
