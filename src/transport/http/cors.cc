#include "transport/http/cors.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace godwit::http {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"OPTIONS", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
constexpr std::array<std::string_view, 14> kHeaders = {"accept",
                                                       "accept-language",
                                                       "authorization",
                                                       "connect-protocol-version",
                                                       "connect-timeout-ms",
                                                       "content-type",
                                                       "dpop",
                                                       "grpc-timeout",
                                                       "idempotency-key",
                                                       "origin",
                                                       "x-grpc-web",
                                                       "x-requested-with",
                                                       "x-user-agent",
                                                       "x-zitadel-orgid"};

bool allows(std::span<const std::string_view> list, std::string_view name) { return std::ranges::find(list, name) != list.end(); }

bool allows_all(std::span<const std::string_view> list, std::string_view names) {
    return std::ranges::all_of(split(names, ','), [&](std::string_view name) {
        const std::string trimmed = to_ascii_lower(trim(name));
        return trimmed.empty() || allows(list, trimmed);
    });
}

}  // namespace

const CorsPolicy& plain_cors() {
    static const CorsPolicy policy{.allowed_methods = kMethods,
                                   .allowed_headers = kHeaders,
                                   .exposed_headers = "Location, Content-Length, DPoP-Nonce, WWW-Authenticate"};
    return policy;
}

const CorsPolicy& api_cors() {
    static const CorsPolicy policy{.allowed_methods = kMethods,
                                   .allowed_headers = kHeaders,
                                   .exposed_headers =
                                       "Location, Content-Length, DPoP-Nonce, WWW-Authenticate, Grpc-Status, "
                                       "Grpc-Message, Grpc-Status-Details-Bin"};
    return policy;
}

std::optional<Response> answer_preflight(const Request& request, const CorsPolicy& policy) {
    const std::string_view method = request.headers.get("access-control-request-method");
    if (request.method != "OPTIONS" || method.empty()) return std::nullopt;
    Response response;
    response.status = 204;
    response.headers.add("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    const std::string_view origin = request.headers.get("origin");
    const std::string_view headers = request.headers.get("access-control-request-headers");
    if (origin.empty() || !allows(policy.allowed_methods, method) || !allows_all(policy.allowed_headers, headers)) return response;
    response.headers.add("access-control-allow-origin", origin);
    response.headers.add("access-control-allow-methods", method);
    if (!headers.empty()) response.headers.add("access-control-allow-headers", headers);
    response.headers.add("access-control-allow-credentials", "true");
    return response;
}

void add_cors(const Request& request, const CorsPolicy& policy, Response& response) {
    const std::string vary(response.headers.get("vary"));
    response.headers.set("vary", vary.empty() ? "Origin" : "Origin, " + vary);
    const std::string_view origin = request.headers.get("origin");
    if (origin.empty() || !allows(policy.allowed_methods, request.method)) return;
    response.headers.set("access-control-allow-origin", origin);
    response.headers.set("access-control-expose-headers", policy.exposed_headers);
    response.headers.set("access-control-allow-credentials", "true");
}

}  // namespace godwit::http
