// What the decoders need to know of a message type, computed once: how each field reads, and by which names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class FileDescriptor;
}  // namespace google::protobuf

namespace godwit::rpc {

/// How a value reads as text or JSON: the scalar types and the well-known types with a form of their own
/// (https://protobuf.dev/programming-guides/json/).
enum class Shape {
    boolean,
    int32,
    int64,
    uint32,
    uint64,
    float32,
    float64,
    string,
    bytes,
    enumeration,
    message,
    timestamp,
    duration,
    field_mask,
    structure,
    value,
    list_value,
    wrapper,
    unsupported,  ///< google.protobuf.Any: no request of the contract holds one
};

struct MessagePlan;

struct FieldPlan {
    const google::protobuf::FieldDescriptor* field = nullptr;
    std::size_t index = 0;  ///< in MessagePlan::fields
    int oneof = -1;         ///< index of the oneof as written, -1 for none; not those that stand for `optional`
    Shape shape = Shape::unsupported;
    bool repeated = false;  ///< a list; not a map
    bool map = false;
    const MessagePlan* message = nullptr;  ///< the type of a message, wrapper or map entry
};

struct MessagePlan {
    const google::protobuf::Descriptor* type = nullptr;
    std::vector<FieldPlan> fields;
    /// Of a package of Godwit's own: a name it does not know is an error. The contract's messages pass over it, as the reference does.
    bool strict = false;

    /// By lowerCamelCase or by the name in the .proto file; nullptr when there is none.
    const FieldPlan* find(std::string_view name) const {
        const auto found = by_name.find(name);
        return found == by_name.end() ? nullptr : &fields[found->second];
    }
    std::unordered_map<std::string_view, std::size_t> by_name;
};

/// What an error says after the name of a member that `plan` does not have: which one may have been meant, or which there are.
std::string known_members(const MessagePlan& plan, std::string_view unknown);

/// Whether the type is of a package of Godwit's own.
bool is_own(const google::protobuf::FileDescriptor& file);

/// The plan of a type, made at the first call. Any thread; lives as long as the program.
const MessagePlan& plan_of(const google::protobuf::Descriptor& type);

}  // namespace godwit::rpc
