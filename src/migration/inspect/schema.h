// The canonical record for programs that write it.
#pragma once

#include <string>

namespace godwit::migration {

/// JSON Schema (draft 2020-12) of a line of Godwit's NDJSON, without what only readers of other files may set.
std::string record_schema();

}  // namespace godwit::migration
