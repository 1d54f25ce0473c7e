// HTTP/2 on one connection (RFC 9113): streams, flow control, trailers, and the limits that keep one client from hurting others.
#pragma once

#include <memory>

#include "transport/http/exchange.h"

namespace godwit::http {

/// `link` owns the protocol it gets.
std::unique_ptr<Protocol> make_http2(Link& link);

}  // namespace godwit::http
