// Brings the schema of one SQLite file up to what this program knows.
#pragma once

#include <span>

#include "store/schema/upgrade.h"
#include "store/sqlite/connection.h"

namespace godwit::store::sqlite {

/// Each version in a transaction of its own, with its line in `schema_state`. Nobody else may hold the file.
/// Errors: failed_precondition when the file demands a newer program; what the statements answer.
Result<void> upgrade(Connection& connection, Database database, std::span<const schema::Version> known);

}  // namespace godwit::store::sqlite
