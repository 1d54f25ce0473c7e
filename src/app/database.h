// From the configuration to the databases: the server's way, and the way of who only looks.
#pragma once

#include <memory>

#include "app/config/config.h"
#include "base/result.h"
#include "base/time.h"
#include "store/inspection.h"
#include "store/store.h"

namespace godwit::app {

/// How to reach PostgreSQL; only when `postgres.configured()`.
store::PostgresOptions postgres_options(const config::Postgres& postgres);

/// Opens the configured store: PostgreSQL, or the files of the data folder, which is made when absent. Errors: those of store/store.h.
Result<std::unique_ptr<store::Store>> open_store(const config::Config& config, const Clock& clock);

/// The same for verbs of an operator: not_found where the data folder holds no database, as a mistyped folder is to be an error and not a
/// new database.
Result<std::unique_ptr<store::Store>> open_existing_store(const config::Config& config, const Clock& clock);

/// Looks at the configured databases without lock or change; a server may be running. Errors: those of store/inspection.h.
Result<std::unique_ptr<store::Inspection>> inspect_store(const config::Config& config);

}  // namespace godwit::app
