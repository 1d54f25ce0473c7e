// The query of a REST call and the variables of its path, into fields of the request.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace godwit::rpc {

/// Sets what `query` (undecoded, without "?") names: "name=x", "query.limit=5", "ids=1&ids=2". Names may be in either style;
/// those the message does not have are left aside (an error for Godwit's own messages), and so are the paths in `bound` (".proto names":
/// variables of the path, the body's field). Error: invalid_argument for a malformed value, a second value of a singular field, a broken
/// escape.
Result<void> decode_query(std::string_view query, std::span<const std::string> bound, google::protobuf::Message& out);

/// Sets the field of a path variable ("user_id", "user.id") from its decoded text, over whatever stands there.
Result<void> set_path_variable(google::protobuf::Message& out, std::string_view field_path, std::string_view text);

/// The field that a path of .proto names means, for the checks at registration; nullptr when there is none.
const google::protobuf::FieldDescriptor* find_field_path(const google::protobuf::Message& prototype, std::string_view field_path);

}  // namespace godwit::rpc
