// The gRPC protocol over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md), unary calls: framing of
// messages, time-outs, status in trailers.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/message.h"

namespace godwit::rpc::grpc {

/// "application/grpc", also with "+proto" and parameters; not "application/grpc-web…" nor "+json".
bool is_content_type(std::string_view content_type);

/// "/package.Service/Method" taken apart.
struct MethodPath {
    std::string_view service, method;
};
std::optional<MethodPath> parse_method_path(std::string_view path);

/// Length prefix of a message: one byte of flags, four of length.
inline constexpr std::size_t kFrameHeader = 5;

/// The one message of a unary request body; a view into `body`. Errors: invalid_argument (cut off, none, more than one message, an
/// unknown flag), resource_exhausted (longer than max_bytes), unimplemented (compressed: we announce identity only).
Result<std::string_view> read_message(std::string_view body, std::uint64_t max_bytes);
std::string frame_message(std::string_view message);

/// "100m" is 100 milliseconds (units H M S m u n, at most eight digits); nullopt when malformed.
std::optional<std::chrono::nanoseconds> parse_timeout(std::string_view text);

/// The grpc-message form: bytes outside printable ASCII, and "%", as %XX.
std::string encode_status_message(std::string_view message);

/// A whole answer: `message` is the framed response, or the error travels as a trailers-only response
/// (grpc-status, grpc-message, grpc-status-details-bin with a zitadel.v1.ErrorDetail).
http::Response success_response(std::string message);
http::Response error_response(const Error& error);

}  // namespace godwit::rpc::grpc
