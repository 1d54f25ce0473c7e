// Waiting for a piece of a body, but not for ever.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "transport/http/message.h"

namespace godwit::http {

/// body.read(), but nullopt when nothing came within `time`.
std::optional<Result<std::string>> read_within(BodyStream& body, std::chrono::milliseconds time);

}  // namespace godwit::http
