#include "transport/rpc/exchange.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <exception>

#include "base/log.h"
#include "transport/rpc/errors.h"
#include "transport/rpc/grpc.h"
#include "transport/rpc/json_decode.h"
#include "transport/rpc/json_encode.h"
#include "transport/rpc/query_decode.h"
#include "transport/rpc/validate.h"

namespace godwit::rpc {
namespace pb = google::protobuf;
namespace {

/// Internal faults go to the log; the caller gets their id and no detail of ours.
Error presentable(const Method& method, const http::Request& request, Error error) {
    if (error.code != Code::internal && error.code != Code::unknown && error.code != Code::data_loss) return error;
    log::error("an RPC failed", {{"method", method.name}, {"request", request.id}, {"id", error.id}, {"reason", error.message}});
    if (error.code == Code::internal) error.message = "An internal error occurred";
    return error;
}

/// Third-party code may throw past a handler's own guards; that fails the call, not the program.
template <class Work>
Result<void> guarded(Work work) {
    try {
        return work();
    } catch (const std::exception& e) {
        return fail(Code::internal, "RPC-Exc3p", e.what());
    }
}

Result<void> in_time(const http::Request& request) {
    if (request.deadline && std::chrono::steady_clock::now() >= *request.deadline) {
        return fail(Code::deadline_exceeded, "", "the deadline passed before the call began");
    }
    if (request.cancelled()) return fail(Code::cancelled, "", "the client has gone");
    return {};
}

Result<void> decode_rest(const RestBinding& binding, const std::vector<std::string>& values, const http::Request& request,
                         pb::Message& message) {
    switch (binding.body) {
        case RestBinding::Body::whole:
            TRY(decode_json(request.body, message));
            break;
        case RestBinding::Body::field:
            TRY(decode_json_field(request.body, message, *binding.body_field));
            [[fallthrough]];
        case RestBinding::Body::none:
            TRY(decode_query(request.query, binding.bound, message));
            break;
    }
    for (std::size_t i = 0; i < values.size(); ++i) TRY(set_path_variable(message, binding.variables[i], values[i]));
    return {};
}

/// Everything between the decoded request and the response; `decode` fills the request once the caller is known.
template <class Decode>
Result<void> run_unary(const Gate& gate, const Method& method, const http::Request& request, pb::Message& message, pb::Message& response,
                       Decode decode) {
    TRY(in_time(request));
    Call call = TRY(gate.admit(method.options, request, std::chrono::system_clock::now()));
    TRY(decode());
    TRY(gate.authorize(method, method.options, &message, call));
    TRY(validate(message));
    return method.handler(call, message, response);
}

}  // namespace

http::Response run_rest(const Gate& gate, const Method& method, const RestBinding& binding, const std::vector<std::string>& values,
                        http::Request& request) {
    pb::Arena arena;
    auto& message = *method.request->New(&arena);
    auto& response = *method.response->New(&arena);
    auto outcome = guarded([&] {
        return run_unary(gate, method, request, message, response, [&] { return decode_rest(binding, values, request, message); });
    });
    auto json = outcome ? encode_json(response) : Result<std::string>(fail(std::move(outcome).error()));
    if (!json) return error_response(presentable(method, request, std::move(json).error()));
    return json_response(method.success_status, *std::move(json));
}

http::Response run_stream(const Gate& gate, const Method& method, http::Request& request) {
    pb::Arena arena;
    auto& response = *method.response->New(&arena);
    auto outcome = guarded([&]() -> Result<void> {
        TRY(in_time(request));
        Call call = TRY(gate.admit(method.stream_options, request, std::chrono::system_clock::now()));
        TRY(gate.authorize(method, method.stream_options, nullptr, call));
        if (!request.stream) return fail(Code::internal, "RPC-Str3a", "the transport handed over no stream");
        return method.streamed(call, *request.stream, response);
    });
    auto json = outcome ? encode_json(response) : Result<std::string>(fail(std::move(outcome).error()));
    if (!json) return error_response(presentable(method, request, std::move(json).error()));
    return json_response(method.success_status, *std::move(json));
}

http::Response run_grpc(const Gate& gate, const Method& method, http::Request& request) {
    pb::Arena arena;
    auto& message = *method.request->New(&arena);
    auto& response = *method.response->New(&arena);
    auto outcome = guarded([&] {
        return run_unary(gate, method, request, message, response, [&]() -> Result<void> {
            const auto bytes = TRY(grpc::read_message(request.body, method.options.max_request_bytes));
            if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
                return fail(Code::invalid_argument, "", "the message is malformed");
            }
            return {};
        });
    });
    if (!outcome) return grpc::error_response(presentable(method, request, std::move(outcome).error()));
    return grpc::success_response(grpc::frame_message(response.SerializeAsString()));
}

}  // namespace godwit::rpc
