// The gRPC protocol over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): framing and compression of
// messages, time-outs, status in trailers. Calls with one message each way are here, streams in grpc_stream.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "transport/rpc/compression.h"
#include "transport/rpc/exchange.h"

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

struct Frame {
    bool compressed = false;
    std::string_view payload;
};
/// Takes the first frame off `bytes`; nullopt when not all of it is there yet. Errors: invalid_argument (an unknown flag),
/// resource_exhausted (longer than max_bytes).
Result<std::optional<Frame>> take_frame(std::string_view& bytes, std::uint64_t max_bytes);

/// The message of a frame, which grpc-encoding said is compressed by `coding`; a view into the frame or into `storage`. Errors:
/// invalid_argument (broken, or compressed without grpc-encoding), resource_exhausted (longer than max_bytes once decompressed).
Result<std::string_view> unpack(const Frame& frame, Coding coding, std::uint64_t max_bytes, std::string& storage);

/// The one frame of a unary request body. Errors: those of take_frame; invalid_argument (cut off, none, more than one).
Result<Frame> read_frame(std::string_view body, std::uint64_t max_bytes);

/// A frame with `message`, compressed if `coding` says so and it is worth it.
std::string frame_message(std::string_view message, Coding coding = Coding::identity);

/// What the request's fields say of compression.
struct Codings {
    Coding request = Coding::identity, response = Coding::identity;
};
/// Error: unimplemented.
Result<Codings> read_codings(const http::Headers& headers);

/// "100m" is 100 milliseconds (units H M S m u n, at most eight digits); nullopt when malformed.
std::optional<std::chrono::nanoseconds> parse_timeout(std::string_view text);

/// The grpc-message form: bytes outside printable ASCII, and "%", as %XX.
std::string encode_status_message(std::string_view message);

/// The head of an answer whose frames may be compressed by `coding`.
http::Response response_head(Coding coding);
/// The one answer of a call, and that it went well.
http::Response message_response(const google::protobuf::Message& message, Coding coding);
/// grpc-status, grpc-message and grpc-status-details-bin (with a zitadel.v1.ErrorDetail): trailers.
http::Headers status_fields(const Error& error);
/// The error as a trailers-only response: its status stands in the head.
http::Response error_response(const Error& error);

class GrpcCodec final : public Codec {
public:
    Result<void> decode(const Method& method, const http::Request& request, google::protobuf::Message& message) override;
    Result<http::Response> encode(const Method& method, const google::protobuf::Message& response) override;
    http::Response refuse(const Error& error) override { return error_response(error); }
    /// Once decode() was called.
    const Codings& codings() const { return codings_; }

private:
    Codings codings_;
};

}  // namespace godwit::rpc::grpc
