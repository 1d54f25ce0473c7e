// Hosts, targets and what proxies claim: the first line is a request target, the second :authority, the rest header fields.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "transport/http/head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit;
    using namespace godwit::http;
    const auto lines = split(std::string_view(reinterpret_cast<const char*>(data), size), '\n');
    const std::vector<IpPrefix> trusted = {*IpPrefix::parse("10.0.0.0/8")};
    for (const bool by_proxy : {false, true}) {
        Request request;
        request.method = "GET";
        request.version = lines.size() > 1 && !lines[1].empty() ? Version::http2 : Version::http1_1;
        for (std::size_t i = 2; i < lines.size(); ++i) {
            if (const auto field = split_once(lines[i], ':')) request.headers.add(field->first, trim(field->second));
        }
        (void)read_framing(request.headers, request.version);
        const Peer peer{.address = *parse_ip("10.0.0.1"), .address_text = "10.0.0.1", .secure = false, .trusted = by_proxy};
        if (complete_head(request, lines[0], lines.size() > 1 ? lines[1] : "", peer, trusted)) continue;
        // What was accepted has its canonical form: it reads as itself.
        const auto again = parse_authority(request.host + (request.port.empty() ? "" : ":" + request.port));
        if (!again || again->host != request.host || again->port != request.port) std::abort();
        if (request.path.empty() || request.id.empty() || !parse_ip(request.client_address)) std::abort();
        if (!by_proxy && request.headers.find("x-forwarded-host")) std::abort();
    }
    return 0;
}
