// The Connect protocol (https://connectrpc.com/docs/protocol). Unary calls: a message as JSON or in its binary form is the whole
// body, errors are JSON with an HTTP status, and what changes nothing may be asked by GET. Calls that stream: messages in gRPC's frames,
// and how it ended in a last frame of JSON.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "transport/rpc/compression.h"
#include "transport/rpc/exchange.h"

namespace godwit::rpc::connect {

enum class Form { proto, json };
/// "application/proto", "application/json", each also with parameters; nullopt for all else.
std::optional<Form> parse_content_type(std::string_view content_type);
/// The same of "application/connect+proto" and "application/connect+json".
std::optional<Form> parse_stream_type(std::string_view content_type);

/// "5000" of connect-timeout-ms: at most ten digits; nullopt when malformed.
std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text);

/// The encoding that the query of a GET names; nullopt when it names none, or one that is not known.
std::optional<Form> form_of_query(std::string_view query);

/// The rest of the query of a GET.
struct Query {
    Coding coding = Coding::identity;
    std::string message;  ///< perhaps compressed
};
/// Errors: invalid_argument, unimplemented (compression).
Result<Query> parse_query(std::string_view query);

/// "not_found" and the like.
std::string_view name_of(Code code);
/// {"code":"not_found","message":…,"details":[{"type":"zitadel.v1.ErrorDetail","value":base64,"debug":{…}}]} and its status.
http::Response error_response(const Error& error);

class ConnectCodec final : public Codec {
public:
    explicit ConnectCodec(Form form) : form_(form) {}

    Result<void> decode(const Method& method, const http::Request& request, google::protobuf::Message& message) override;
    Result<http::Response> encode(const Method& method, const google::protobuf::Message& response) override;
    http::Response refuse(const Error& error) override { return error_response(error); }

private:
    const Form form_;
    bool gzip_answer_ = false;
};

/// One request, a stream of answers.
http::Response run_answers(const Gate& gate, const Method& method, http::Request& request, Form form);
/// A stream of requests, one answer.
http::Response run_requests(const Gate& gate, const Method& method, http::Request& request, Form form);
/// Refuses a call that streams.
http::Response stream_error_response(Form form, const Error& error);

// For connect_stream.cc.
std::string error_json(const Error& error);
Result<void> check_version(std::string_view version, std::string_view wanted);
Result<void> read_form(Form form, std::string_view bytes, google::protobuf::Message& message);

}  // namespace godwit::rpc::connect
