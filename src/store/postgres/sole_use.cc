#include "store/postgres/sole_use.h"

#include "store/postgres/node_lease.h"
#include "store/postgres/transaction.h"

namespace godwit::store::postgres {
namespace {

/// Nodes that are alive, this one among them. Those whose lease has run out have to take a new one.
Result<std::int64_t> count_nodes(Connection& connection) {
    connection.begin(Database::directory, Connection::Mode::write);
    PostgresWriter db(connection, nullptr, Time{});
    std::int64_t alive = 0;
    const auto counted = [&]() -> Result<void> {
        TRY(db.system_exec("LOCK TABLE nodes IN SHARE ROW EXCLUSIVE MODE", {}));
        TRY(db.system_query("SELECT count(*) FROM nodes WHERE lease_until >= " GODWIT_DATABASE_MICROS, {},
                            [&](const Row& row) { alive = row.i64(0); }));
        TRY(db.system_exec("UPDATE nodes SET boot_id = '' WHERE lease_until < " GODWIT_DATABASE_MICROS, {}));
        return {};
    }();
    if (!counted) {
        connection.rollback();
        return fail(counted.error());
    }
    TRY(connection.commit());
    return alive;
}

/// What the server answers about the lock.
Result<bool> ask(Connection& connection, std::string_view sql) {
    bool answer = false;
    connection.begin(Database::directory, Connection::Mode::read);
    const auto asked = PostgresReader(connection).system_query(sql, {}, [&](const Row& row) { answer = row.flag(0); });
    connection.end_read();
    if (!asked) return fail(asked.error());
    return answer;
}

}  // namespace

SoleUse::SoleUse(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
SoleUse::SoleUse(SoleUse&&) noexcept = default;
SoleUse::~SoleUse() = default;

/// Its locks are the session's, which ends with it; nothing is asked of it meanwhile.
Result<std::unique_ptr<Connection>> SoleUse::connect(const PostgresOptions& options) {
    auto connection = TRY(Connection::open(Connection::settings_of(options)));
    TRY(connection->script("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0"));
    return connection;
}

Result<std::optional<SoleUse>> SoleUse::try_take(const PostgresOptions& options) {
    auto connection = TRY(connect(options));
    const bool taken = TRY(ask(*connection, "SELECT pg_try_advisory_lock(" GODWIT_SOLE_USE_LOCK ")"));
    if (!taken || TRY(count_nodes(*connection)) > 1) return std::nullopt;
    return SoleUse(std::move(connection));
}

Result<SoleUse> SoleUse::take(const PostgresOptions& options) {
    auto connection = TRY(connect(options));
    TRY(ask(*connection, "SELECT pg_advisory_lock(" GODWIT_SOLE_USE_LOCK ") IS NULL"));
    return SoleUse(std::move(connection));
}

}  // namespace godwit::store::postgres
