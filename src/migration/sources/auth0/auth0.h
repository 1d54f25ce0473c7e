// Auth0: the user export (NDJSON or CSV) with the file of password hashes its support hands out, and the schema of its bulk import.
#pragma once

#include "migration/sources/source.h"

namespace godwit::migration {

SourceKind auth0_kind();

/// One user, and the line of the password file that is theirs ("" for none). Errors: record.bad_json, record.not_utf8, record.no_id.
Result<v1::UserRecord> map_auth0_user(std::string_view json, std::string_view password_line);

/// The part of the ids in `user` by which the password file may know it: what follows "auth0|", and the ids of linked database identities.
std::vector<std::string> auth0_database_ids(std::string_view json);

/// A row of the CSV export as the JSON of the same user: "user_metadata.theme" and "identities[0].connection" are paths; a text cell has a
/// quote put before it against formulas.
std::string auth0_row_as_json(const std::vector<std::string>& header, const std::vector<std::string>& row);

}  // namespace godwit::migration
