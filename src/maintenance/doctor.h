// The check-up of a whole database: what every write promised, looked at again. Reads only.
#pragma once

#include <functional>

#include "base/result.h"
#include "maintenance/report.h"
#include "store/inspection.h"

namespace godwit::maintenance {

/// Every check, in order; `before` is told the name of each one as it begins. Each check sees one snapshot of a database, so that a
/// running server's half-way states are never taken for damage; between checks the server goes on.
/// Errors only when the database cannot be looked at (out of reach, no such file): damage is in the report.
Result<Report> examine(store::Inspection& inspection, const std::function<void(std::string_view)>& before = {});

/// The single checks. Each fills one Check; what keeps a check from reading a damaged database is a finding of it.
Result<void> check_engine(store::Inspection& inspection, Check& check);      ///< pages, rows and indexes, by the engine's own means
Result<void> check_schema(store::Inspection& inspection, Check& check);      ///< version, and every table and index that it has
Result<void> check_references(store::Inspection& inspection, Check& check);  ///< nothing points to what is not there
Result<void> check_secrets(store::Inspection& inspection, Check& check);     ///< no secret without its owner, or without its data key
Result<void> check_unique(store::Inspection& inspection, Check& check);      ///< what a unique index promises, computed from the rows
Result<void> check_names(store::Inspection& inspection, Check& check);   ///< folded names and ids computed anew; login names unambiguous
Result<void> check_events(store::Inspection& inspection, Check& check);  ///< the event log explains the state

}  // namespace godwit::maintenance
