// gRPC-Web (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): gRPC for browsers, over any HTTP version. The trailers
// stand in a last frame of the body; the text form is all of it in base64. Calls themselves are gRPC's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transport/http/message.h"

namespace godwit::rpc::grpc_web {

enum class Form { binary, text };
/// "application/grpc-web", "application/grpc-web-text", each also with "+proto" and parameters; nullopt for all else.
std::optional<Form> parse_content_type(std::string_view content_type);

/// The bytes of a text body: base64 that may have been encoded piece by piece, with padding in the middle. Error: invalid_argument.
Result<std::string> decode_text(std::string_view text);

/// The request as gRPC reads it: its body decoded.
Result<void> unwrap(Form form, http::Request& request);
/// What gRPC answered, as gRPC-Web says it; also a body that is still being made.
http::Response wrap(Form form, http::Response response);

}  // namespace godwit::rpc::grpc_web
