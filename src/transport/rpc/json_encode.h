// Responses as JSON: lowerCamelCase names, fields at their default left out, messages kept when set though empty,
// 64-bit numbers as strings, as the reference's gateway writes them.
#pragma once

#include <string>

#include "base/result.h"

namespace google::protobuf {
class Message;
}

namespace godwit::rpc {

/// Error internal when the message holds what JSON cannot say (ill-formed UTF-8, a time outside the years 1 to 9999).
Result<std::string> encode_json(const google::protobuf::Message& message);

}  // namespace godwit::rpc
