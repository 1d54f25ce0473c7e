// A message as bytes that are the same each time and whichever encoding brought it, maps and all: for comparing, and for hashes that are
// kept.
#pragma once

#include <string>

namespace google::protobuf {
class MessageLite;
}

namespace godwit::rpc {

std::string stable_bytes(const google::protobuf::MessageLite& message);

}  // namespace godwit::rpc
