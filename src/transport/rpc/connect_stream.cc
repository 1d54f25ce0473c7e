#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include "base/work_limit.h"
#include "transport/rpc/connect.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/streams.h"

namespace godwit::rpc::connect {
namespace pb = google::protobuf;
namespace {

Result<std::string> bytes_of(Form form, const pb::Message& message) {
    if (form == Form::json) return encode_json(message);
    return message.SerializeAsString();
}

/// The last frame: {"error":…}, or {}.
std::string end_frame(const Error* error) {
    constexpr char kEndOfStream = 2;
    std::string frame = grpc::frame_message(error ? "{\"error\":" + error_json(*error) + "}" : "{}");
    frame.front() = kEndOfStream;
    return frame;
}

http::Response head_of(Form form, Coding coding) {
    http::Response response;
    response.headers.set("content-type", form == Form::json ? "application/connect+json" : "application/connect+proto");
    response.headers.set("connect-accept-encoding", kAcceptedCodings);
    if (coding == Coding::gzip) response.headers.set("connect-content-encoding", "gzip");
    response.headers.set("cache-control", "no-store");
    return response;
}

class ConnectFraming final : public Framing {
public:
    ConnectFraming(Form form, Coding coding) : form_(form), coding_(coding) {}
    Result<std::string> message(const pb::Message& message) override { return grpc::frame_message(TRY(bytes_of(form_, message)), coding_); }
    std::string end(const Error* error) override { return end_frame(error); }

private:
    const Form form_;
    const Coding coding_;
};

/// What the fields of a streaming call say.
Result<grpc::Codings> read_head(const http::Headers& headers) {
    TRY(check_version(headers.get("connect-protocol-version"), "1"));
    return grpc::Codings{.request = TRY(parse_coding(headers.get("connect-content-encoding"))),
                         .response = accepts_gzip(headers.get("connect-accept-encoding")) ? Coding::gzip : Coding::identity};
}

/// The one request of a call whose answers stream.
class StreamCodec final : public Codec {
public:
    explicit StreamCodec(Form form) : form_(form) {}

    Result<void> decode(const Method& method, const http::Request& request, pb::Message& message) override {
        const std::uint64_t max_bytes = method.options.max_request_bytes;
        codings_ = TRY(read_head(request.headers));
        std::string storage;
        const auto frame = TRY(grpc::read_frame(request.body, max_bytes));
        return read_form(form_, TRY(grpc::unpack(frame, codings_.request, max_bytes, storage)), message);
    }
    Result<http::Response> encode(const Method&, const pb::Message&) override {
        return fail(Code::internal, "RPC-Str3c", "a stream is no single answer");
    }
    http::Response refuse(const Error& error) override { return stream_error_response(form_, error); }
    AnswerStream open() const {
        return {.head = head_of(form_, codings_.response), .framing = std::make_unique<ConnectFraming>(form_, codings_.response)};
    }

private:
    const Form form_;
    grpc::Codings codings_;
};

}  // namespace

http::Response stream_error_response(Form form, const Error& error) {
    http::Response response = head_of(form, Coding::identity);
    response.body = end_frame(&error);
    return response;
}

http::Response run_answers(const Gate& gate, const Method& method, http::Request& request, Form form) {
    StreamCodec codec(form);
    return rpc::run_answers(gate, method, request, codec, [&] { return codec.open(); });
}

http::Response run_requests(const Gate& gate, const Method& method, http::Request& request, Form form) {
    const WorkLimit limit(request.deadline, request.cancelled);
    pb::Arena arena;
    auto& message = *method.response->New(&arena);
    http::Response response;
    const auto outcome = guarded([&]() -> Result<void> {
        const grpc::Codings codings = TRY(read_head(request.headers));
        const FrameReader read = [form](std::string_view bytes, pb::Message& into) { return read_form(form, bytes, into); };
        TRY(rpc::run_requests(gate, method, request, codings.request, read, message));
        response = head_of(form, codings.response);
        ConnectFraming framing(form, codings.response);
        response.body = TRY(framing.message(message)) + framing.end(nullptr);
        return {};
    });
    return outcome ? std::move(response) : stream_error_response(form, presentable(method, request, outcome.error()));
}

}  // namespace godwit::rpc::connect
