// validate.rules as validate() walks them: read from the options once, in the order the reference checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class OneofDescriptor;
}  // namespace google::protobuf

namespace godwit::rpc {

struct ValidationPlan;

/// The rules of one field, or of the items of a list.
struct ValueRules {
    std::optional<std::uint64_t> min_length, max_length, max_bytes;  ///< length* in characters; for bytes fields in bytes
    bool exact_length = false;                                       ///< both are one, and said so
    std::string prefix;
    bool email = false;
    bool ignore_empty = false;
    std::optional<bool> equals;  ///< bool.const
    bool defined_only = false;
    std::vector<int> not_in;
    std::optional<std::int64_t> lte, gt, gte;  ///< durations, in nanoseconds
    bool required = false;                     ///< a message must be there
};

struct FieldRules {
    const google::protobuf::FieldDescriptor* field = nullptr;
    std::string name;  ///< "UserName": as messages of the reference show it
    ValueRules value;  ///< of the value, or of each item of a list
    std::optional<std::uint64_t> min_items, max_items;
    const ValidationPlan* message = nullptr;  ///< messages are checked in turn; not well-known types
};

struct OneofRules {
    const google::protobuf::OneofDescriptor* oneof = nullptr;
    std::string name;
    bool required = false;
    std::vector<FieldRules> members;
};

struct ValidationPlan {
    std::string name;                ///< "ImportHumanUserRequest_Profile"
    std::vector<FieldRules> fields;  ///< outside oneofs
    std::vector<OneofRules> oneofs;
    std::vector<FieldRules> optionals;  ///< `optional` fields: checked when present
};

enum class Checks {
    all,         ///< every field: no string holds a NUL
    rules_only,  ///< fields that have rules, and those on the way to them
};

/// Made at the first call; any thread; lives as long as the program. Aborts on a rule of an unknown kind.
const ValidationPlan& validation_plan_of(const google::protobuf::Descriptor& type, Checks checks = Checks::all);

}  // namespace godwit::rpc
