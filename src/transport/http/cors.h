// What a browser may let pages of other origins do with us (Fetch standard, section "HTTP-network-or-cache fetch", CORS protocol).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "transport/http/message.h"

namespace godwit::http {

/// Any origin may call, with credentials, as with the reference: what a caller may do depends on its token, and cookies are SameSite.
struct CorsPolicy {
    std::span<const std::string_view> allowed_methods;
    std::span<const std::string_view> allowed_headers;  ///< lower case
    std::string_view exposed_headers;                   ///< the value of Access-Control-Expose-Headers
};

/// Protocol endpoints and pages.
const CorsPolicy& plain_cors();
/// REST, gRPC-Web and Connect: their status fields are exposed as well.
const CorsPolicy& api_cors();

/// The answer to a preflight; nullopt when the request is none (then add_cors its response). A method or header that is not allowed
/// gives 204 without any permission, which the browser takes as a no.
std::optional<Response> answer_preflight(const Request& request, const CorsPolicy& policy);

/// Adds the permission to read `response`, if the request came from a page of some origin. Vary says Origin in any case.
void add_cors(const Request& request, const CorsPolicy& policy, Response& response);

}  // namespace godwit::http
