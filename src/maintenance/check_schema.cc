// Engine, schema and uniqueness: what the database's own structure promises.
#include <algorithm>

#include "maintenance/doctor.h"
#include "maintenance/pages.h"
#include "maintenance/schema_text.h"
#include "store/initial_load.h"
#include "store/schema/upgrade.h"

namespace godwit::maintenance {
namespace {

using store::Database;
using store::Reader;
using store::Row;

/// Reads the schema's version; false when it is such that the rest of the schema cannot be judged.
Result<bool> check_version(store::Inspection& inspection, Database database, Check& check) {
    std::optional<store::schema::State> state;
    TRY(inspection.read(database, [&](Reader& db) -> Result<void> {
        TRY(db.system_query("SELECT version, min_reader, min_writer FROM schema_state WHERE component = 'schema'", {}, [&](const Row& row) {
            state = {static_cast<int>(row.i64(0)), static_cast<int>(row.i64(1)), static_cast<int>(row.i64(2))};
        }));
        return {};
    }));
    const std::string where(name_of(database));
    if (!state) {
        check.add(where, "schema_state does not tell the version");
        return false;
    }
    const auto known = store::schema::versions(database);
    if (const auto planned = store::schema::plan(database, known, state); !planned) {
        check.add(where, planned.error().message);
        return false;
    }
    if (state->version < known.back().number) {
        check.note("the schema is older than this program's; the next start upgrades it, what is new in it is not looked for");
        return false;
    }
    return true;
}

/// Indexes, and tables whose indexes, may be missing: they come back when the migration that left them out ends, or with the next start.
Result<std::vector<std::string>> left_out(store::Inspection& inspection, Database database) {
    std::vector<std::string> names;
    if (database != Database::directory) return names;
    TRY(inspection.read(database, [&](Reader& db) -> Result<void> {
        names = TRY(store::left_out_by_load(db));
        return {};
    }));
    return names;
}

}  // namespace

Result<void> check_engine(store::Inspection& inspection, Check& check) {
    if (!inspection.checks_itself())
        check.note("PostgreSQL looks at its own indexes only with the extension amcheck (CREATE EXTENSION amcheck as superuser)");
    for (const Database database : {Database::directory, Database::runtime}) {
        for (std::string& problem : TRY(inspection.check_engine(database))) check.add(std::string(name_of(database)), std::move(problem));
    }
    return {};
}

Result<void> check_schema(store::Inspection& inspection, Check& check) {
    for (const Database database : {Database::directory, Database::runtime}) {
        if (!TRY(check_version(inspection, database, check))) continue;
        const auto objects = TRY(inspection.objects(database));
        const auto find = [&](const std::string& name) {
            check.looked_at(1);
            const auto found = std::ranges::find(objects, name, &store::Inspection::Object::name);
            if (found == objects.end()) check.add(std::string(name_of(database)) + "." + name, "is missing");
            return found == objects.end() ? nullptr : &*found;
        };
        const SchemaText expected = schema_text(database);
        for (const Table& table : expected.tables) find(table.name);
        const auto loading = TRY(left_out(inspection, database));
        const auto is_left_out = [&](const Index& index) {
            const auto named = [&](const std::string& name) { return name == index.name || name == index.table; };
            return std::ranges::any_of(loading, named) &&
                   std::ranges::find(objects, index.name, &store::Inspection::Object::name) == objects.end();
        };
        if (std::ranges::any_of(expected.indexes, is_left_out))
            check.note("a migration has left out indexes while it brings many users; its end builds them, or the next start");
        for (const Index& index : expected.indexes) {
            if (is_left_out(index)) continue;
            const auto* found = find(index.name);
            if (found == nullptr) continue;
            const std::string where = std::string(name_of(database)) + "." + index.name;
            if (!found->valid) check.add(where, "is not kept by the engine; REINDEX it");
            if (index.unique && !found->unique) check.add(where, "is there, but not unique");
        }
    }
    return {};
}

Result<void> check_unique(store::Inspection& inspection, Check& check) {
    for (const Database database : {Database::directory, Database::runtime}) {
        TRY(inspection.read(database, [&](Reader& db) -> Result<void> {
            for (const Index& index : schema_text(database).indexes) {
                if (!index.unique) continue;
                check.looked_at(1);
                TRY(db.system_query("SELECT COUNT(*) FROM " + index.table + (index.where.empty() ? "" : " WHERE " + index.where) +
                                        " GROUP BY " + index.columns + " HAVING COUNT(*) > 1 LIMIT 20",
                                    {}, [&](const Row& row) {
                                        check.add(std::string(name_of(database)) + "." + index.table,
                                                  std::to_string(row.i64(0)) + " rows share what " + index.name + " (" + index.columns +
                                                      ") says is unique");
                                    }));
            }
            return {};
        }));
    }
    return {};
}

}  // namespace godwit::maintenance
