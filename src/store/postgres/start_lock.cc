#include "store/postgres/start_lock.h"

#include "store/postgres/connection.h"

namespace godwit::store::postgres {

StartLock::StartLock(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
StartLock::StartLock(StartLock&&) noexcept = default;
StartLock::~StartLock() = default;

Result<StartLock> StartLock::take(const PostgresOptions& options) {
    auto connection = TRY(Connection::open(Connection::settings_of(options)));
    // Session-wide, so it is let go when the connection closes.
    TRY(
        connection->script("SET lock_timeout = '120s'; SET statement_timeout = 0; "
                           "SELECT pg_advisory_lock(hashtextextended('godwit first start " +
                           options.schema_prefix + "', 0))"));
    return StartLock(std::move(connection));
}

}  // namespace godwit::store::postgres
