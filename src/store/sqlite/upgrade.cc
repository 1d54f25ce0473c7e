#include "store/sqlite/upgrade.h"

#include <optional>

#include "base/log.h"
#include "store/database_name.h"
#include "store/schema/translate.h"

namespace godwit::store::sqlite {
namespace {

constexpr InstanceNo kSystem{0};

Result<std::optional<schema::State>> read_state(Connection& connection) {
    std::optional<schema::State> state;
    TRY(connection.query(
        kSystem, false, "SELECT version, min_reader, min_writer FROM schema_state WHERE component = 'schema'", {}, [&](const Row& row) {
            state = schema::State{static_cast<int>(row.i64(0)), static_cast<int>(row.i64(1)), static_cast<int>(row.i64(2))};
        }));
    return state;
}

Result<void> apply(Connection& connection, const schema::Version& version) {
    for (const std::string& statement : schema::translate(version.sql, schema::Dialect::sqlite)) TRY(connection.run(statement));
    const schema::State state = schema::state_of(version);
    const Value params[] = {state.version, state.min_reader, state.min_writer};
    TRY(connection.exec(kSystem, false,
                        "INSERT INTO schema_state (component, version, min_reader, min_writer) VALUES ('schema', ?2, ?3, ?4) "
                        "ON CONFLICT (component) DO UPDATE SET version = excluded.version, min_reader = excluded.min_reader, "
                        "min_writer = excluded.min_writer",
                        params));
    return {};
}

}  // namespace

Result<void> upgrade(Connection& connection, Database database, std::span<const schema::Version> known) {
    for (const std::string& statement : schema::translate(schema::kStateTable, schema::Dialect::sqlite)) TRY(connection.run(statement));
    const auto found = TRY(read_state(connection));
    for (const schema::Version& version : TRY(schema::plan(database, known, found))) {
        TRY(connection.run("BEGIN IMMEDIATE"));
        auto applied = apply(connection, version);
        if (applied) applied = connection.run("COMMIT");
        if (!applied) {
            if (connection.in_transaction()) TRY(connection.run("ROLLBACK"));
            return applied;
        }
        if (found) log::info("database schema upgraded", {{"database", name_of(database)}, {"version", version.number}});
    }
    return {};
}

}  // namespace godwit::store::sqlite
