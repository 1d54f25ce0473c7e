#include "transport/rpc/streams.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <optional>
#include <utility>

#include "base/work_limit.h"
#include "transport/http/timed_read.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/validate.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Messages are put together up to so many bytes, where they are there.
constexpr std::size_t kPiece = 32u << 10;
constexpr std::chrono::seconds kKeepAlive{15};

class AnswersSource final : public http::BodySource {
public:
    AnswersSource(const Method& method, const http::Request& request, std::unique_ptr<Framing> framing, std::unique_ptr<AnyAnswers> answers)
        : method_(method), request_(request), framing_(std::move(framing)), answers_(std::move(answers)) {}

    void on_start(std::function<void()> wake) override { answers_->on_start(std::move(wake)); }

    std::optional<std::string> next() override {
        if (!answers_) return std::nullopt;
        const WorkLimit limit(request_.deadline, request_.cancelled);
        std::string out;
        while (out.size() < kPiece) {
            auto step = AnyAnswers::Step::end;
            const auto outcome = guarded([&] { return add_next(step, out); });
            if (outcome && step == AnyAnswers::Step::wait) return said(std::move(out));
            if (outcome && step == AnyAnswers::Step::message) continue;
            if (!outcome) error_ = presentable(method_, request_, outcome.error());
            answers_.reset();
            out += framing_->end(error());
            return out.empty() ? std::nullopt : std::optional(std::move(out));
        }
        return said(std::move(out));
    }

    http::Headers trailers() override { return framing_->trailers(error()); }
    bool failed() const override { return error_ && framing_->breaks_off(); }

private:
    const Error* error() const { return error_ ? &*error_ : nullptr; }

    Result<void> add_next(AnyAnswers::Step& step, std::string& out) {
        TRY(work_wanted());
        pb::Arena arena;
        auto& response = *method_.response->New(&arena);
        step = TRY(answers_->next_message(response));
        if (step == AnyAnswers::Step::message) out += TRY(framing_->message(response));
        return {};
    }

    std::string said(std::string out) {
        const auto now = SteadyClock::now();
        if (out.empty() && now - said_ >= kKeepAlive) out = framing_->keep_alive();
        if (!out.empty()) said_ = now;
        return out;
    }

    const Method& method_;
    const http::Request& request_;
    const std::unique_ptr<Framing> framing_;
    std::unique_ptr<AnyAnswers> answers_;
    std::optional<Error> error_;
    SteadyClock::time_point said_ = SteadyClock::now();
};

class FramedRequests final : public AnyRequests {
public:
    FramedRequests(const Method& method, Coding coding, const FrameReader& read, http::BodyStream& body)
        : max_bytes_(method.options.max_request_bytes), coding_(coding), read_(read), body_(body) {}

    Result<Step> next_message(pb::Message& request, std::chrono::milliseconds at_most) override {
        for (;;) {
            std::string_view rest = std::string_view(bytes_).substr(taken_);
            if (const auto frame = TRY(grpc::take_frame(rest, max_bytes_))) {
                std::string storage;
                request.Clear();
                TRY(read_(TRY(grpc::unpack(*frame, coding_, max_bytes_, storage)), request));
                TRY(validate_rules(request));
                taken_ = bytes_.size() - rest.size();
                return Step::message;
            }
            if (ended_ && !rest.empty()) return fail(Code::invalid_argument, "", "the message is cut off");
            if (ended_) return Step::end;
            auto piece = http::read_within(body_, at_most);
            if (!piece) return Step::wait;
            const std::string more = TRY(*std::move(piece));
            ended_ = more.empty();
            bytes_.erase(0, std::exchange(taken_, 0));
            bytes_ += more;
        }
    }

private:
    const std::uint64_t max_bytes_;
    const Coding coding_;
    const FrameReader& read_;
    http::BodyStream& body_;
    std::string bytes_;
    std::size_t taken_ = 0;  ///< of bytes_
    bool ended_ = false;
};

}  // namespace

http::Response run_answers(const Gate& gate, const Method& method, http::Request& request, Codec& codec,
                           const std::function<AnswerStream()>& open) {
    const WorkLimit limit(request.deadline, request.cancelled);
    std::unique_ptr<AnyAnswers> answers;
    const auto outcome = guarded([&]() -> Result<void> {
        pb::Arena arena;
        auto& message = *method.request->New(&arena);
        const Call call = TRY(enter(gate, method, request, codec, message));
        answers = TRY(method.answers(call, message));
        return {};
    });
    if (!outcome) return codec.refuse(presentable(method, request, outcome.error()));
    AnswerStream stream = open();
    stream.head.body = answers_source(method, request, std::move(stream.framing), std::move(answers));
    return std::move(stream.head);
}

std::unique_ptr<http::BodySource> answers_source(const Method& method, const http::Request& request, std::unique_ptr<Framing> framing,
                                                 std::unique_ptr<AnyAnswers> answers) {
    return std::make_unique<AnswersSource>(method, request, std::move(framing), std::move(answers));
}

Result<void> run_requests(const Gate& gate, const Method& method, http::Request& request, Coding coding, const FrameReader& read,
                          pb::Message& response) {
    TRY(work_wanted());
    Call call = TRY(gate.admit(method.options, request, std::chrono::system_clock::now()));
    TRY(gate.authorize(method, method.options, nullptr, call));
    if (!request.stream) return fail(Code::internal, "RPC-Str3a", "the transport handed over no stream");
    FramedRequests requests(method, coding, read, *request.stream);
    return method.requests(call, requests, response);
}

}  // namespace godwit::rpc
