#include "store/initial_load.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "store/schema/translate.h"
#include "store/schema/versions.h"
#include "store/store.h"

namespace godwit::store {
namespace {

constexpr std::string_view kComponent = "initial_load";

/// PostgreSQL works on so many indexes at a time; SQLite has one writer.
constexpr std::size_t kBuilders = 4;

struct Index {
    std::string name, table, create;
};

/// The words of a statement up to the first parenthesis.
std::vector<std::string_view> words_of(std::string_view sql) { return split_words(sql.substr(0, sql.find('('))); }

std::vector<std::string> statements_of(const Store& store) {
    const auto dialect = store.engine() == "sqlite" ? schema::Dialect::sqlite : schema::Dialect::postgres;
    std::vector<std::string> all;
    for (const schema::Version& version : schema::versions(Database::directory)) {
        for (std::string& statement : schema::translate(version.sql, dialect)) all.push_back(std::move(statement));
    }
    return all;
}

/// Of the secondary indexes that the program's schema has those that are named, or whose table is: CREATE [UNIQUE] INDEX name ON table (…),
/// unless a later version drops them.
std::vector<Index> indexes_of(const Store& store, std::string_view names) {
    std::vector<Index> found;
    const std::vector<std::string_view> wanted = words_of(names);
    const auto named = [&](std::string_view name) { return std::ranges::find(wanted, name) != wanted.end(); };
    for (const std::string& statement : statements_of(store)) {
        const auto words = words_of(statement);
        if (words.size() >= 3 && words[0] == "DROP" && words[1] == "INDEX") {
            std::erase_if(found, [&](const Index& index) { return index.name == words.back(); });
        }
        const auto index = std::ranges::find(words, "INDEX");
        if (words.empty() || words[0] != "CREATE" || words.end() - index < 4) continue;
        if (!named(index[1]) && !named(index[3])) continue;
        std::string create = statement;
        create.insert(static_cast<std::size_t>(index[1].data() - statement.data()), "IF NOT EXISTS ");
        found.push_back({std::string(index[1]), std::string(index[3]), std::move(create)});
    }
    return found;
}

/// What the open load left out; "": none is open.
Result<std::string> left_out(Reader& db) {
    std::string names;
    TRY(db.system_query("SELECT value FROM schema_state WHERE component = ?2", {kComponent}, [&](const Row& row) { names = row.blob(0); }));
    return names;
}

/// fn(0) … fn(count - 1), several at a time where the store can. Nothing is begun after the first error.
Result<void> each(const Store& store, std::size_t count, const std::function<Result<void>(std::size_t)>& fn) {
    std::mutex mutex;
    std::size_t next = 0;
    std::optional<Error> failure;
    const auto work = [&] {
        for (std::unique_lock lock(mutex); !failure && next < count;) {
            const std::size_t mine = next++;
            lock.unlock();
            auto done = fn(mine);
            // Who finds no connection waits until the others have done with theirs: nobody else has any.
            while (!done && done.error().id == "STORE-connections") done = fn(mine);
            lock.lock();
            if (!done && !failure) failure = std::move(done).error();
        }
    };
    {
        std::vector<std::jthread> helpers;
        for (std::size_t i = 1; store.engine() != "sqlite" && i < std::min(kBuilders, count); ++i) helpers.emplace_back(work);
        work();
    }
    if (failure) return fail(*std::move(failure));
    return {};
}

/// What SQLite's planner was told about the indexes goes with them; PostgreSQL's takes the tables for what they were before.
Result<void> tell_planner(Store& store, std::string_view names, std::span<const Index> indexes) {
    if (store.engine() != "sqlite") {
        std::set<std::string_view> found;
        for (const std::string_view name : words_of(names)) {
            const auto index = std::ranges::find(indexes, name, &Index::name);
            found.insert(index == indexes.end() ? name : index->table);
        }
        const std::vector<std::string_view> tables(found.begin(), found.end());
        return each(store, tables.size(), [&](std::size_t i) {
            return store.write_bulk(Database::directory, [&](Writer& db) -> Result<void> {
                TRY(db.system_exec("SET LOCAL statement_timeout = 0", {}));
                TRY(db.system_exec("ANALYZE " + std::string(tables[i]), {}));
                return {};
            });
        });
    }
    return store.write(Database::directory, [&](Writer& db) -> Result<void> {
        for (const std::string& statement : statements_of(store)) {
            if (statement.find("sqlite_stat1") != std::string::npos) TRY(db.system_exec(statement, {}));
        }
        return {};
    });
}

/// SQLite's planner reads what it was told when the schema changes; the connection that changed it has to be told to.
Result<void> plan_anew(const Store& store, Writer& db) {
    if (store.engine() == "sqlite") TRY(db.system_exec("ANALYZE sqlite_schema", {}));
    return {};
}

/// SQLite sorts an index on disk, in small runs while a second thread reads: faster than one large sort, and memory stays what it is. Not
/// for all writes: SQLite would keep what savepoints need on disk too.
Result<std::int64_t> prepare_to_sort(Writer& db) {
    std::int64_t cache = 0;
    TRY(db.system_query("PRAGMA cache_size", {}, [&](const Row& row) { cache = row.i64(0); }));
    for (const char* setting : {"PRAGMA temp_store = FILE", "PRAGMA threads = 2", "PRAGMA cache_size = -4000"})
        TRY(db.system_exec(setting, {}));
    return cache;
}

void write_as_before(Writer& db, std::int64_t cache) {
    for (const std::string& setting :
         {std::string("PRAGMA temp_store = MEMORY"), std::string("PRAGMA threads = 0"), "PRAGMA cache_size = " + std::to_string(cache)})
        (void)db.system_exec(setting, {}).has_value();
}

Result<void> build(Store& store, const Index& index) {
    auto built = store.write_bulk(Database::directory, [&](Writer& db) -> Result<void> {
        const bool sqlite = store.engine() == "sqlite";
        const std::int64_t cache = sqlite ? TRY(prepare_to_sort(db)) : 0;
        if (!sqlite) {
            // It takes as long as there are rows; without rows nobody is served anyway. There are others at the same time.
            for (const char* setting : {"statement_timeout", "max_parallel_maintenance_workers"})
                TRY(db.system_exec("SET LOCAL " + std::string(setting) + " = 0", {}));
        }
        auto created = db.system_exec(index.create, {});
        if (sqlite) write_as_before(db, cache);
        TRY(std::move(created));
        return {};
    });
    if (built) return {};
    if (built.error().code != Code::already_exists) return std::unexpected(std::move(built).error());
    return fail(
        Code::failed_precondition, "STORE-Load1",
        "the rows that were loaded into " + index.table + " are not unique (" + index.name + "): restore the database, or remove the rows");
}

}  // namespace

Result<bool> begin_initial_load(Store& store, std::span<const std::string_view> names) {
    std::string joined;
    for (const std::string_view name : names) joined += (joined.empty() ? "" : " ") + std::string(name);
    return store.write(Database::directory, [&](Writer& db) -> Result<bool> {
        if (!TRY(left_out(db)).empty()) return false;
        TRY(db.system_exec("INSERT INTO schema_state (component, version, min_reader, min_writer, value) VALUES (?2, 0, 0, 0, ?3)",
                           {kComponent, Blob{joined}}));
        for (const Index& index : indexes_of(store, joined)) TRY(db.system_exec("DROP INDEX IF EXISTS " + index.name, {}));
        return true;
    });
}

Result<bool> in_initial_load(Reader& db) { return !TRY(left_out(db)).empty(); }

Result<std::vector<std::string>> left_out_by_load(Reader& db) {
    const std::string names = TRY(left_out(db));
    const auto words = words_of(names);
    return std::vector<std::string>(words.begin(), words.end());
}

Result<bool> in_initial_load(Store& store) {
    return store.read(Database::directory, [](Reader& db) { return in_initial_load(db); });
}

Result<void> build_left_out(Store& store, std::string_view index) {
    const std::vector<Index> indexes = indexes_of(store, index);
    TRY(tell_planner(store, index, indexes));
    for (const Index& found : indexes) TRY(build(store, found));
    return store.write(Database::directory, [&](Writer& db) { return plan_anew(store, db); });
}

Result<bool> end_initial_load(Store& store, const std::function<void(std::size_t, std::size_t)>& progress,
                              const std::function<bool()>& stop) {
    const std::string names = TRY(store.read(Database::directory, left_out));
    if (names.empty()) return true;
    const std::vector<Index> indexes = indexes_of(store, names);
    TRY(tell_planner(store, names, indexes));
    std::mutex mutex;
    std::size_t built = 0;
    TRY(each(store, indexes.size(), [&](std::size_t i) -> Result<void> {
        if (stop && stop()) return {};
        TRY(build(store, indexes[i]));
        const std::lock_guard lock(mutex);
        ++built;
        if (progress) progress(built, indexes.size());
        return {};
    }));
    if (built < indexes.size()) return false;
    return store.write(Database::directory, [&](Writer& db) -> Result<bool> {
        TRY(plan_anew(store, db));
        TRY(db.system_exec("DELETE FROM schema_state WHERE component = ?2", {kComponent}));
        return true;
    });
}

}  // namespace godwit::store
