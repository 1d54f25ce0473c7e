#include "base/encoding.h"
#include "transport/http/server.h"

namespace godwit::http {
namespace {

Code code_of(int status) {
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

}  // namespace

Response json_refusal(const Refusal& refusal) {
    std::string body = R"({"code":)" + std::to_string(static_cast<int>(code_of(refusal.status))) + R"(,"message":)";
    append_json_string(body, refusal.message);
    body += '}';
    return text_response(refusal.status, std::move(body), "application/json");
}

}  // namespace godwit::http
