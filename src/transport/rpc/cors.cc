#include "transport/rpc/cors.h"

namespace godwit::rpc {

bool is_preflight(const http::Request& request) {
    return request.method == "OPTIONS" && request.headers.find("origin") && request.headers.find("access-control-request-method");
}

http::Response preflight_response(const http::Request& request) {
    http::Response response;
    response.status = 204;
    response.headers.set("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    response.headers.set("access-control-allow-origin", request.headers.get("origin"));
    response.headers.set("access-control-allow-credentials", "true");
    response.headers.set("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    if (const auto* headers = request.headers.find("access-control-request-headers")) {
        response.headers.set("access-control-allow-headers", *headers);
    }
    response.headers.set("access-control-max-age", "600");
    return response;
}

void allow_origin(const http::Request& request, http::Response& response) {
    const auto* origin = request.headers.find("origin");
    if (!origin) return;
    response.headers.set("access-control-allow-origin", *origin);
    response.headers.set("access-control-allow-credentials", "true");
    response.headers.set("access-control-expose-headers", "Location, Content-Length, Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin");
}

}  // namespace godwit::rpc
