// What a refusal's status means to a caller who thinks in canonical codes.
#pragma once

#include "base/result.h"

namespace godwit::http {

/// One table for all encodings of a refusal (server.h): JSON's `code`, gRPC's status.
Code refusal_code(int status);

}  // namespace godwit::http
