// gRPC: content type, method path, time-out, framing, compression. A message that is read is the one that frames to the same bytes,
// and is never longer than its limit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "transport/rpc/grpc.h"
#include "transport/rpc/validate.h"
#include "zitadel/management.pb.h"

namespace grpc = godwit::rpc::grpc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)grpc::is_content_type(text);
    (void)grpc::parse_method_path(text);
    (void)grpc::parse_timeout(text);
    for (const char c : grpc::encode_status_message(text)) {
        if (c < 0x20 || c > 0x7E) std::abort();
    }
    constexpr std::uint64_t kMax = 1u << 16;
    if (const auto frame = grpc::read_frame(text, kMax)) {
        if (!frame->compressed && grpc::frame_message(frame->payload) != text) std::abort();
        std::string storage;
        const auto message = grpc::unpack(*frame, godwit::rpc::Coding::gzip, kMax, storage);
        if (message && message->size() > kMax) std::abort();
        zitadel::management::v1::ImportHumanUserRequest request;
        if (message && request.ParseFromArray(message->data(), static_cast<int>(message->size()))) (void)godwit::rpc::validate(request);
    }
    return 0;
}
