// Values as text: what stands in a path, a query, or a JSON string.
#pragma once

#include <cstdint>
#include <string_view>

namespace google::protobuf {
class Duration;
class FieldMask;
class Message;
class Timestamp;
}  // namespace google::protobuf

namespace godwit::rpc {

struct FieldPlan;

/// How reading one value went. An enum name that the contract does not know is left out, as protojson does when it
/// discards unknown fields; it is no error.
enum class Reading { ok, ignored, wrong };

/// Sets a singular field, or adds to a list, from text. Messages without a text form are `wrong`.
Reading set_from_text(google::protobuf::Message& message, const FieldPlan& field, std::string_view text);

/// RFC 3339, years 1 to 9999, kept to the microsecond.
bool parse_timestamp(std::string_view text, google::protobuf::Timestamp& out);
/// "3s", "-0.5s", "1.000000001s"; at most 10,000 years either way.
bool parse_duration(std::string_view text, google::protobuf::Duration& out);
/// "user.displayName,photo" becomes the paths user.display_name and photo.
bool parse_field_mask(std::string_view text, google::protobuf::FieldMask& out);

/// A whole decimal number; "1e3" and "2.0" too when whole. False when it is none or out of range.
bool parse_integer(std::string_view text, std::int64_t& out);
bool parse_integer(std::string_view text, std::uint64_t& out);
/// Also "NaN", "Infinity", "-Infinity".
bool parse_double(std::string_view text, double& out);
/// A double that is a whole number in the range of the type.
bool whole(double value, std::int64_t& out);
bool whole(double value, std::uint64_t& out);

}  // namespace godwit::rpc
