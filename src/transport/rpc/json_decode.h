// The one strict JSON decoder of every request, imports included: RFC 8259 text into a protobuf message by the rules of
// https://protobuf.dev/programming-guides/json/, with what the reference's clients rely on and nothing more lenient.
//
//   taken:    both name styles (userName, user_name), 64-bit numbers as strings, base64 in either alphabet, null as absent,
//             an empty body as {}, unknown fields and unknown enum names (ignored; in messages of Godwit's own packages an error)
//   refused:  a field given twice in whichever styles, two members of a oneof, wrong types ("true" for true, 1 for "1"),
//             anything after the value, ill-formed UTF-8, more than kJsonDepth levels
#pragma once

#include <cstddef>
#include <string_view>

#include "base/json_limits.h"
#include "base/result.h"

namespace simdjson::dom {
class element;
}

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace godwit::rpc {

/// Names that a message does not know.
enum class Unknown {
    by_package,  ///< an error in Godwit's own messages, for a slip of the pen must not do something else than was meant; else ignored
    ignored,     ///< for who says themselves what was passed over
};

/// Decodes an object into `out`, which should be empty. Error: invalid_argument without id, message names the field's path
/// ("profile.firstName: expected a string"), never the value.
Result<void> decode_json(std::string_view json, google::protobuf::Message& out, Unknown unknown = Unknown::by_package);

/// The same of a text that is parsed already.
Result<void> decode_json(const simdjson::dom::element& json, google::protobuf::Message& out, Unknown unknown = Unknown::by_package);

/// The same without the copy that adds the padding: for one object cut out of a large buffer (bulk import), kJsonPadding bytes behind which
/// can be read.
Result<void> decode_json_padded(std::string_view json, google::protobuf::Message& out);

/// Any JSON value into one field of `out`: the body of an RPC whose contract says `body: "field"`. Empty text leaves it unset.
Result<void> decode_json_field(std::string_view json, google::protobuf::Message& out, const google::protobuf::FieldDescriptor& field);

}  // namespace godwit::rpc
