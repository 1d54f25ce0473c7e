#include "transport/rpc/exchange.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <exception>

#include "base/log.h"
#include "base/work_limit.h"
#include "transport/rpc/idempotency.h"
#include "transport/rpc/validate.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

Result<http::Response> encoded(const Method& method, Codec& codec, const pb::Message& response, Result<void> outcome) {
    if (!outcome) return fail(std::move(outcome).error());
    return codec.encode(method, response);
}

http::Response answer(const Method& method, const http::Request& request, Codec& codec, Result<http::Response> response) {
    if (response) return *std::move(response);
    return codec.refuse(presentable(method, request, std::move(response).error()));
}

}  // namespace

Result<void> parse_message(std::string_view bytes, pb::Message& message) {
    if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
    return fail(Code::invalid_argument, "", "the message is malformed");
}

Result<void> guarded(const std::function<Result<void>()>& work) {
    try {
        return work();
    } catch (const std::exception& e) {
        return fail(Code::internal, "RPC-Exc3p", e.what());
    }
}

Error presentable(const Method& method, const http::Request& request, Error error) {
    if (error.code != Code::internal && error.code != Code::unknown && error.code != Code::data_loss) return error;
    log::error("an RPC failed", {{"method", method.name}, {"request", request.id}, {"id", error.id}, {"reason", error.message}});
    if (error.code == Code::internal) error.message = "An internal error occurred";
    return error;
}

Result<Call> enter(const Gate& gate, const Method& method, const http::Request& request, Codec& codec, pb::Message& message) {
    TRY(work_wanted());
    Call call = TRY(gate.admit(method.options, request, std::chrono::system_clock::now()));
    TRY(codec.decode(method, request, message));
    TRY(gate.authorize(method, method.options, &message, call));
    TRY(validate(message));
    return call;
}

http::Response run_unary(const Gate& gate, const Method& method, http::Request& request, Codec& codec) {
    const WorkLimit limit(request.deadline, request.cancelled);
    pb::Arena arena;
    auto& message = *method.request->New(&arena);
    auto& response = *method.response->New(&arena);
    auto outcome = guarded([&]() -> Result<void> {
        const Call call = TRY(enter(gate, method, request, codec, message));
        return run_once(gate.guards().idempotency, method, call, message, response);
    });
    return answer(method, request, codec, encoded(method, codec, response, std::move(outcome)));
}

http::Response run_raw(const Gate& gate, const Method& method, http::Request& request, Codec& codec) {
    const WorkLimit limit(request.deadline, request.cancelled);
    pb::Arena arena;
    auto& head = *method.request->New(&arena);
    auto& response = *method.response->New(&arena);
    auto outcome = guarded([&]() -> Result<void> {
        TRY(work_wanted());
        Call call = TRY(gate.admit(method.stream_options, request, std::chrono::system_clock::now()));
        if (method.client_streams) TRY(codec.decode(method, request, head));
        TRY(gate.authorize(method, method.stream_options, nullptr, call));
        TRY(validate(head));
        if (!request.stream) return fail(Code::internal, "RPC-Str3a", "the transport handed over no stream");
        // A stream that is answered as it comes knows itself what it had before.
        if (method.client_streams) return method.streamed(call, head, *request.stream, response);
        return run_stream_once(gate.guards().idempotency, method, call, head, *request.stream, response);
    });
    return answer(method, request, codec, encoded(method, codec, response, std::move(outcome)));
}

}  // namespace godwit::rpc
