// What the schema of the record says of each member besides its type.
#pragma once

#include <string_view>

#include "base/json.h"

namespace google::protobuf {
class FieldDescriptor;
}

namespace godwit::migration {

/// Adds the member's description, and the words or numbers it takes where they are few.
void annotate_member(const google::protobuf::FieldDescriptor& field, JsonObject& schema);

}  // namespace godwit::migration
