// HTTP/1.1 connections. However the network cuts the bytes, the same requests must be seen and the same answers given.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http_link.h"
#include "transport/http/http1.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::http;
    if (size > 20'000) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = converse(make_http1, bytes, size);
    if (whole != converse(make_http1, bytes, 1) || whole != converse(make_http1, bytes, 7)) std::abort();
    if (!whole.empty() && !whole.starts_with("HTTP/1.1 ")) std::abort();
    return 0;
}
