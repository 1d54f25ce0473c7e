// Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol): any origin may call, since what authorizes a call is
// a token that the page itself must add; nothing here reads a cookie.
#pragma once

#include "transport/http/message.h"

namespace godwit::rpc {

/// Whether this is a browser's question before a call: OPTIONS with Origin and Access-Control-Request-Method.
bool is_preflight(const http::Request& request);
/// 204: the origin, method and headers asked for are allowed.
http::Response preflight_response(const http::Request& request);
/// Lets the page at the request's Origin, if any, read the response.
void allow_origin(const http::Request& request, http::Response& response);

}  // namespace godwit::rpc
