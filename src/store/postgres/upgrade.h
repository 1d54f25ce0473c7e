// Brings the two PostgreSQL schemas up to what this program knows.
#pragma once

#include <span>

#include "store/postgres/connection.h"
#include "store/schema/upgrade.h"

namespace godwit::store::postgres {

/// Creates the database's schema when it is absent, then applies each version in a transaction of its own, with its line in
/// `schema_state`, under an advisory lock that other nodes wait for. Errors: failed_precondition when the schema demands a newer program.
Result<void> upgrade(Connection& connection, const Connection::Settings& settings, Database database,
                     std::span<const schema::Version> known);

}  // namespace godwit::store::postgres
