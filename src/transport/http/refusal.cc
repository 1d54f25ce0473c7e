#include "transport/http/refusal.h"

#include "base/encoding.h"
#include "transport/http/server.h"

namespace godwit::http {

Code refusal_code(int status) {
    switch (status) {
        case 408:
            return Code::deadline_exceeded;
        case 413:
        case 429:
        case 431:
            return Code::resource_exhausted;
        case 500:
            return Code::internal;
        case 501:
        case 505:
            return Code::unimplemented;
        case 503:
            return Code::unavailable;
        default:
            return Code::invalid_argument;
    }
}

Response json_refusal(const Refusal& refusal) {
    std::string body = R"({"code":)" + std::to_string(static_cast<int>(refusal_code(refusal.status))) + R"(,"message":)";
    append_json_string(body, refusal.message);
    body += '}';
    return text_response(refusal.status, std::move(body), "application/json");
}

}  // namespace godwit::http
