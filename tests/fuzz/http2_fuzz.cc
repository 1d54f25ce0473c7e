// HTTP/2 connections, after their preface: bytes as they come. http2_frames_fuzz.cc makes whole frames of its input.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http_link.h"
#include "transport/http/http2.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::http;
    if (size > 20'000) return 0;
    const std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(reinterpret_cast<const char*>(data), size);
    for (const std::size_t piece : {bytes.size(), std::size_t{5}}) {
        if (!are_frames(converse(make_http2, bytes, piece))) std::abort();
    }
    return 0;
}
