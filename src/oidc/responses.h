// The few shapes in which the endpoints answer.
#pragma once

#include <string>
#include <string_view>

#include "transport/http/message.h"

namespace godwit::oidc {

/// application/json, never cached (RFC 6749 section 5.1).
http::Response json_response(int status, std::string body);

/// 302 with a small HTML body that links to `location`; never cached.
http::Response redirect_response(std::string_view location);

/// 405 with Allow.
http::Response method_not_allowed(std::string_view allow);

}  // namespace godwit::oidc
