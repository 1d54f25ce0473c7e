#include "cli/server_calls.h"

#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "transport/rpc/connect.h"
#include "transport/rpc/grpc.h"

namespace godwit::cli {
namespace pb = google::protobuf;
namespace {

constexpr char kEndOfStream = 2;

Code code_named(const std::string& name) {
    for (int code = 1; code <= 16; ++code)
        if (rpc::connect::name_of(static_cast<Code>(code)) == name) return static_cast<Code>(code);
    return Code::unknown;
}

std::string text_of(const pb::Struct& json, const char* name) {
    const auto found = json.fields().find(name);
    return found == json.fields().end() ? std::string() : found->second.string_value();
}

}  // namespace

Result<std::unique_ptr<ServerCalls>> ServerCalls::make(const http::ClientOptions& options) {
    return std::unique_ptr<ServerCalls>(new ServerCalls(options.base_url, TRY(http::Client::make(options))));
}

Error ServerCalls::foreign(int status) const {
    return {Code::unavailable, "CLI-Srv01",
            "what answers on " + url_ + " is no Godwit with migrations (HTTP status " + std::to_string(status) + "): is the URL right?"};
}

/// {"code":"not_found","message":"…"}
Error ServerCalls::refused(int status, std::string_view json) const {
    pb::Struct error;
    if (!pb::util::JsonStringToMessage(std::string(json), &error).ok() || text_of(error, "code").empty()) return foreign(status);
    const Code code = code_named(text_of(error, "code"));
    std::string message = text_of(error, "message");
    if (code == Code::unauthenticated)
        message = url_ + " does not take the token: it may have expired, or be of another instance; " + message;
    if (code == Code::permission_denied)
        message = "the token's user may not do this: migrations need IAM_OWNER, or ORG_OWNER for an organization's own; " + message;
    return {code, std::string(kRefusedByServer), std::move(message)};
}

Result<void> ServerCalls::call(std::string_view method, const pb::Message& request, pb::Message& response) {
    const auto answer = TRY(client_->post({.path = "/" + std::string(method),
                                           .content_type = "application/proto",
                                           .body = request.SerializeAsString(),
                                           .headers = {{"connect-protocol-version", "1"}}}));
    if (answer.content_type.starts_with("application/proto") && answer.status == 200 && response.ParseFromString(answer.body)) return {};
    if (!answer.content_type.starts_with("application/json")) return fail(foreign(answer.status));
    return fail(refused(answer.status, answer.body));
}

Result<void> ServerCalls::send(std::string_view method, const std::function<std::optional<std::string>()>& messages,
                               pb::Message& response) {
    const auto answer = TRY(client_->post({.path = "/" + std::string(method),
                                           .content_type = "application/connect+proto",
                                           .pieces = [&]() -> std::optional<std::string> {
                                               auto message = messages();
                                               return message ? std::optional(rpc::grpc::frame_message(*message)) : std::nullopt;
                                           },
                                           .headers = {{"connect-protocol-version", "1"}}}));
    if (answer.content_type.starts_with("application/json")) return fail(refused(answer.status, answer.body));
    if (!answer.content_type.starts_with("application/connect+proto")) return fail(foreign(answer.status));
    std::string_view bytes = answer.body;
    bool answered = false;
    while (!bytes.empty()) {
        const bool last = bytes.front() == kEndOfStream;
        std::string frame_bytes;
        if (last) {  // else as gRPC has it
            frame_bytes = std::string(1, '\0') + std::string(bytes.substr(1));
            bytes = frame_bytes;
        }
        const auto frame = TRY(rpc::grpc::take_frame(bytes, answer.body.size()));
        if (!frame) break;
        if (!last) {
            answered = response.ParseFromArray(frame->payload.data(), static_cast<int>(frame->payload.size()));
            continue;
        }
        pb::Struct end;
        if (!pb::util::JsonStringToMessage(std::string(frame->payload), &end).ok()) break;
        const auto error = end.fields().find("error");
        if (error != end.fields().end()) {
            std::string json;
            (void)pb::util::MessageToJsonString(error->second, &json);
            return fail(refused(answer.status, json));
        }
        if (answered) return {};
        break;
    }
    return fail(Code::unavailable, "CLI-Srv03", "the answer of " + url_ + " is cut off");
}

}  // namespace godwit::cli
