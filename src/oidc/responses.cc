#include "oidc/responses.h"

#include "base/html.h"

namespace godwit::oidc {
namespace {

void never_cache(http::Response& response) {
    response.headers.set("cache-control", "no-store");
    response.headers.set("pragma", "no-cache");
}

}  // namespace

http::Response json_response(int status, std::string body) {
    auto response = http::text_response(status, std::move(body), "application/json");
    never_cache(response);
    return response;
}

http::Response redirect_response(std::string_view location) {
    auto response = http::text_response(302, "<a href=\"" + html_escape(location) + "\">Found</a>.\n\n", "text/html; charset=utf-8");
    response.headers.set("location", location);
    // What is in the address of an authorization response must not leak to the next page's hosts (RFC 9700 section 4.2.4).
    response.headers.set("referrer-policy", "no-referrer");
    never_cache(response);
    return response;
}

http::Response method_not_allowed(std::string_view allow) {
    auto response = http::text_response(405, "405 method not allowed\n");
    response.headers.set("allow", allow);
    never_cache(response);
    return response;
}

}  // namespace godwit::oidc
