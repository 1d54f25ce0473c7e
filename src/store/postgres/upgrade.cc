#include "store/postgres/upgrade.h"

#include <chrono>
#include <optional>
#include <thread>

#include "base/log.h"
#include "store/postgres/transaction.h"
#include "store/schema/translate.h"

namespace godwit::store::postgres {
namespace {

/// A table that is in use is waited for two seconds at a time, so that the queue of others behind the lock stays short.
constexpr int kLockTries = 10;

Result<std::optional<schema::State>> read_state(Connection& connection, Database database) {
    std::optional<schema::State> state;
    connection.begin(database, Connection::Mode::read);
    PostgresReader db(connection);
    auto read =
        db.system_query("SELECT version, min_reader, min_writer FROM schema_state WHERE component = 'schema'", {}, [&](const Row& row) {
            state = schema::State{static_cast<int>(row.i64(0)), static_cast<int>(row.i64(1)), static_cast<int>(row.i64(2))};
        });
    connection.end_read();
    if (!read) return std::unexpected(read.error());
    return state;
}

std::string script_of(const schema::Version& version) {
    std::string script = "BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = 0;\n";
    for (const std::string& statement : schema::translate(version.sql, schema::Dialect::postgres)) script += statement + ";\n";
    const std::string numbers =
        std::to_string(version.number) + ", " + std::to_string(version.min_reader) + ", " + std::to_string(version.min_writer);
    return script + "INSERT INTO schema_state (component, version, min_reader, min_writer) VALUES ('schema', " + numbers +
           ") ON CONFLICT (component) DO UPDATE SET version = excluded.version, min_reader = excluded.min_reader, min_writer = "
           "excluded.min_writer;\nCOMMIT";
}

Result<void> apply(Connection& connection, const schema::Version& version) {
    const std::string script = script_of(version);
    for (int left = kLockTries; true; --left) {
        auto applied = connection.script(script);
        if (applied) return {};
        if (connection.usable()) (void)connection.script("ROLLBACK").has_value();
        if (applied.error().id != "STORE-lock" || left == 1) return applied;
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
}

Result<void> upgrade_locked(Connection& connection, const std::string& schema_name, Database database,
                            std::span<const schema::Version> known) {
    std::string prepare = "CREATE SCHEMA IF NOT EXISTS " + schema_name + "; SET search_path TO " + schema_name + "; ";
    for (const std::string& statement : schema::translate(schema::kStateTable, schema::Dialect::postgres)) prepare += statement + "; ";
    TRY(connection.script(prepare));
    const auto found = TRY(read_state(connection, database));
    for (const schema::Version& version : TRY(schema::plan(database, known, found))) {
        TRY(apply(connection, version));
        if (found) log::info("database schema upgraded", {{"schema", schema_name}, {"version", version.number}});
    }
    return {};
}

}  // namespace

Result<void> upgrade(Connection& connection, const Connection::Settings& settings, Database database,
                     std::span<const schema::Version> known) {
    const std::string& schema_name = database == Database::directory ? settings.directory_schema : settings.runtime_schema;
    const std::string lock = "hashtextextended('godwit upgrade " + schema_name + "', 0)";
    TRY(connection.script("SET lock_timeout = '120s'; SET statement_timeout = 0; SELECT pg_advisory_lock(" + lock + ")"));
    auto done = upgrade_locked(connection, schema_name, database, known);
    if (connection.usable()) TRY(connection.script("SELECT pg_advisory_unlock(" + lock + ")"));
    return done;
}

}  // namespace godwit::store::postgres
