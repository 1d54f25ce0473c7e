// Godwit's own NDJSON: a canonical record on each line (record.proto, `godwit migrate schema`).
#pragma once

#include "migration/sources/source.h"

namespace godwit::migration {

SourceKind godwit_kind();

/// One line. Errors: record.bad_json, record.not_utf8, record.bad_form with the path, record.unknown_version, record.origin_by_hand,
/// record.no_id.
Result<v1::UserRecord> map_godwit(std::string_view line);
/// The source id of a line that is refused; "" when it cannot be read either.
std::string id_in_godwit(std::string_view line);

}  // namespace godwit::migration
