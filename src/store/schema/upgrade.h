// Which schema versions to apply at start, or why not to start. The engines read the state, run the plan under their lock, each version
// in a transaction of its own together with its line in `schema_state`.
#pragma once

#include <optional>
#include <span>

#include "base/result.h"
#include "store/schema/versions.h"

namespace godwit::store::schema {

/// The row 'schema' of `schema_state`.
struct State {
    int version;
    int min_reader;
    int min_writer;
};

/// The statement that makes `schema_state`, portable.
inline constexpr std::string_view kStateTable =
    "CREATE TABLE IF NOT EXISTS schema_state (component TEXT NOT NULL, version INTEGER NOT NULL, min_reader INTEGER NOT NULL, "
    "min_writer INTEGER NOT NULL, value BLOB, PRIMARY KEY (component))";

/// The versions still to apply, empty when there is nothing to do: also on a newer schema that lets this program write.
/// Errors: failed_precondition when the database demands a newer program.
Result<std::span<const Version>> plan(Database database, std::span<const Version> known, std::optional<State> found);

/// Whether a program that knows `known` and changes nothing may read the database. Errors: failed_precondition STORE-empty, STORE-older,
/// STORE-newer.
Result<void> check_readable(Database database, std::span<const Version> known, std::optional<State> found);

/// The state after `version` was applied.
inline State state_of(const Version& version) { return {version.number, version.min_reader, version.min_writer}; }

}  // namespace godwit::store::schema
