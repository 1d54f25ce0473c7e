// gRPC-Web: content type, the text form, the frame that holds the trailers. What is wrapped as text is read back the same, and
// no status text makes a trailer of its own.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "transport/rpc/grpc.h"
#include "transport/rpc/grpc_web.h"

namespace grpc = godwit::rpc::grpc;
namespace web = godwit::rpc::grpc_web;

namespace {

std::string wrapped(web::Form form, const godwit::Error& error) {
    return std::get<std::string>(web::wrap(form, grpc::error_response(error)).body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)web::parse_content_type(text);
    godwit::http::Request request;
    request.body = text;
    if (web::unwrap(web::Form::text, request)) (void)grpc::read_frame(request.body, 1u << 16);

    const godwit::Error error{godwit::Code::not_found, "", std::string(text)};
    const std::string binary = wrapped(web::Form::binary, error);
    const auto back = web::decode_text(wrapped(web::Form::text, error));
    if (!back || *back != binary) std::abort();
    std::size_t lines = 0;
    for (const char c : std::string_view(binary).substr(grpc::kFrameHeader)) lines += c == '\n' ? 1 : 0;
    if (lines != 2) std::abort();  // grpc-status and grpc-message
    return 0;
}
