// HTTP/1.0 and HTTP/1.1 on one connection (RFC 9112): keep-alive, pipelining, chunks, 100-continue.
#pragma once

#include <memory>

#include "transport/http/exchange.h"

namespace godwit::http {

/// `link` owns the protocol it gets.
std::unique_ptr<Protocol> make_http1(Link& link);

}  // namespace godwit::http
