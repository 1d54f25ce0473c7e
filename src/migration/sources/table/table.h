// Tables that anybody may have written: CSV, TSV, NDJSON, with a mapping file that says what is what.
#pragma once

#include <string>

#include "migration/sources/source.h"

namespace godwit::migration {

SourceKind csv_kind();
SourceKind tsv_kind();
SourceKind ndjson_kind();

/// The mapping file that `godwit migrate map --suggest` proposes for these files. `kind` is csv, tsv or ndjson.
Result<std::string> suggest_mapping(std::string_view kind, const SourceOptions& options);

}  // namespace godwit::migration
