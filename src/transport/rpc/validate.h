// The limits that the contract declares on fields (validate.rules): lengths, required messages, enum values, ranges.
#pragma once

#include "base/result.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace godwit::rpc {

/// Checks a message and all it contains; the first violation is the error, worded as the reference words it:
/// invalid_argument without id, "invalid ImportHumanUserRequest.UserName: value length must be between 1 and 200 runes, inclusive".
/// Besides the contract: no string holds a NUL, which neither store could keep.
Result<void> validate(const google::protobuf::Message& message);

/// The same, but strings that no rule is about are not looked at: they may hold a NUL. Of messages that stream in and bring so much that
/// whoever takes it checks each part for what it is: finding every string of a record by reflection took as long as all the rest of it.
Result<void> validate_rules(const google::protobuf::Message& message);

/// Reads the rules of a type and of all it contains; aborts when one is of a kind that validate() does not know, so that no
/// rule of a newly declared RPC is silently left unchecked. Called at registration.
void prepare_validation(const google::protobuf::Descriptor& type);

}  // namespace godwit::rpc
