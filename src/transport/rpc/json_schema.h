// JSON Schemas (https://json-schema.org/draft/2020-12) of the contract's messages as json_decode takes and json_encode writes them.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/json.h"
#include "transport/rpc/message_plan.h"

namespace godwit::rpc {

/// Describes the canonical form: lowerCamelCase names, 64 bit integers as strings, enums by name. What the decoder takes besides
/// (names of the .proto file, numbers, null for "not set") is left to words: a schema of it all would say little.
///
/// A type that limits what may be sent (validate.rules, here or further in) is two schemas: with its limits for requests, by the name
/// "package.Type.Input", and without them for answers, which hold what was stored before a limit, or leave out what has its default.
class JsonSchemas {
public:
    enum class Direction { request, response };
    /// Says more of a field than its declaration can: what it means, which texts it takes.
    using Annotate = std::function<void(const google::protobuf::FieldDescriptor& field, JsonObject& schema)>;

    explicit JsonSchemas(Annotate annotate = {}) : annotate_(std::move(annotate)) {}

    /// A message in full, without the members `without` (.proto names: what the path says already).
    JsonObject message(const google::protobuf::Descriptor& type, Direction direction, std::span<const std::string> without = {});
    /// `{"$ref":…}` to a message; it will be among components().
    JsonObject reference(const google::protobuf::Descriptor& type, Direction direction);
    /// A field: its value, list or map.
    JsonObject field(const FieldPlan& plan, const google::protobuf::Descriptor& type, Direction direction);

    /// Everything referred to, by name.
    JsonObject components();

    /// Whether a request without this field breaks its limits.
    static bool is_required(const google::protobuf::Descriptor& type, const google::protobuf::FieldDescriptor& field);

private:
    JsonObject value(const FieldPlan& plan, Direction direction);
    bool has_limits(const google::protobuf::Descriptor& type, std::set<const google::protobuf::Descriptor*>& seen);
    std::string name_of(const google::protobuf::Descriptor& type, Direction direction);

    struct Component {
        const google::protobuf::Descriptor* type;
        Direction direction;
        std::string schema;  ///< empty until components() has come to it
    };
    std::map<std::string, Component> components_;
    const Annotate annotate_;
};

}  // namespace godwit::rpc
