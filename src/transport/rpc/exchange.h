// The one path of a call, whichever encoding carried it: decode, gate, handler, encode.
#pragma once

#include "transport/rpc/gate.h"
#include "transport/rpc/method.h"

namespace godwit::rpc {

/// One encoding, for one request: how its message is read, and how what came of it is said. Each protocol has a file with its own.
class Codec {
public:
    virtual ~Codec() = default;
    /// Reads the request's message, once the caller is known.
    virtual Result<void> decode(const Method& method, const http::Request& request, google::protobuf::Message& message) = 0;
    virtual Result<http::Response> encode(const Method& method, const google::protobuf::Message& response) = 0;
    virtual http::Response refuse(const Error& error) = 0;
};

/// A call with one request and one response.
http::Response run_unary(const Gate& gate, const Method& method, http::Request& request, Codec& codec);

/// A call whose body the handler reads itself.
http::Response run_raw(const Gate& gate, const Method& method, http::Request& request, Codec& codec);

/// What every call passes before its handler: deadline, instance, caller, `message` decoded, permission, limits. Parts for streams.
Result<Call> enter(const Gate& gate, const Method& method, const http::Request& request, Codec& codec, google::protobuf::Message& message);

/// The binary form of a message, which gRPC and Connect share. Error: invalid_argument.
Result<void> parse_message(std::string_view bytes, google::protobuf::Message& message);

/// Runs `work`; what third-party code throws past a handler's own guards fails the call, not the program.
Result<void> guarded(const std::function<Result<void>()>& work);

/// As the client may see it: internal faults go to the log, the caller gets their id and no detail of ours.
Error presentable(const Method& method, const http::Request& request, Error error);

}  // namespace godwit::rpc
