#include "transport/rpc/rest.h"

#include "transport/rpc/errors.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/query_decode.h"
#include "transport/rpc/streams.h"

namespace godwit::rpc::rest {
namespace pb = google::protobuf;
namespace {

/// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
class EventFraming final : public Framing {
public:
    Result<std::string> message(const pb::Message& message) override { return "data: " + TRY(encode_json(message)) + "\n\n"; }
    /// A browser begins a stream anew that just ends: `end` is for its page, which closes it.
    std::string end(const Error* error) override {
        if (!error) return "event: end\ndata: {}\n\n";
        return "event: error\ndata: " + std::get<std::string>(error_response(*error).body) + "\n\n";
    }
    std::string keep_alive() const override { return ":\n\n"; }
};

class LineFraming final : public Framing {
public:
    Result<std::string> message(const pb::Message& message) override { return TRY(encode_json(message)) + "\n"; }
    std::string end(const Error*) override { return {}; }
    bool breaks_off() const override { return true; }
};

}  // namespace

Result<void> RestCodec::decode(const Method&, const http::Request& request, pb::Message& message) {
    switch (binding_.body) {
        case RestBinding::Body::whole:
            TRY(decode_json(request.body, message));
            break;
        case RestBinding::Body::field:
            TRY(decode_json_field(request.body, message, *binding_.body_field));
            [[fallthrough]];
        case RestBinding::Body::none:
            TRY(decode_query(request.query, binding_.bound, message));
            break;
    }
    for (std::size_t i = 0; i < values_.size(); ++i) TRY(set_path_variable(message, binding_.variables[i], values_[i]));
    return {};
}

Result<http::Response> RestCodec::encode(const Method& method, const pb::Message& response) {
    return json_response(method.success_status, TRY(encode_json(response)));
}

http::Response RestCodec::refuse(const Error& error) { return error_response(error); }

http::Response run_answers(const Gate& gate, const Method& method, http::Request& request, RestCodec& codec) {
    return rpc::run_answers(gate, method, request, codec, [&] {
        const bool events = method.options.rest_stream == RestStream::events;
        AnswerStream out;
        out.head.headers.set("content-type", events ? "text/event-stream" : "application/x-ndjson");
        out.head.headers.set("cache-control", "no-store");
        out.head.headers.set("x-accel-buffering", "no");  // else nginx keeps what comes until it is much
        if (events) {
            out.framing = std::make_unique<EventFraming>();
        } else {
            out.framing = std::make_unique<LineFraming>();
        }
        return out;
    });
}

}  // namespace godwit::rpc::rest
