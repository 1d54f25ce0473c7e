// HTTP/2 connections, after their preface.
#include <cstdint>
#include <string_view>

#include "http_link.h"
#include "transport/http/http2.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::http;
    if (size > 20'000) return 0;
    const std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(reinterpret_cast<const char*>(data), size);
    converse(make_http2, bytes, bytes.size());
    converse(make_http2, bytes, 5);
    return 0;
}
