// The portable schema text made into an engine's own statements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::store::schema {

enum class Dialect { sqlite, postgres };

/// The statements of a schema file in order, without comments:
///   SQLite      SMALLINT and BIGINT become INTEGER; every CREATE TABLE ends in STRICT, WITHOUT ROWID
///   PostgreSQL  BLOB becomes bytea, TEXT becomes text COLLATE "C"
/// A line `--! sqlite …` or `--! postgres …` is a statement for that engine alone, taken as it is.
std::vector<std::string> translate(std::string_view sql, Dialect dialect);

}  // namespace godwit::store::schema
