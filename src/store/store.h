// Access to the two databases (directory, runtime) on either engine. One portable SQL text; only store/sqlite and
// store/postgres know a dialect or a driver.
//
//   auto name = TRY(store.read(Database::directory, [&](Reader& db) -> Result<std::string> {
//       std::string found;
//       TRY(db.query(scope, "SELECT name FROM organizations WHERE instance_no = ?1 AND id = ?2", {org.key},
//                    [&](const Row& row) { found = row.text(0); }));
//       return found;
//   }));
//
// SQL is written with numbered parameters ?1, ?2 …; ?1 is always the scope's instance_no, bound by the call itself, and
// SQL that does not name ?1 is refused (a programmer's bug: it aborts), so that a tenant cannot be forgotten. Portable SQL means:
// INSERT … ON CONFLICT, RETURNING, LIMIT/OFFSET, COALESCE, CAST; no dialect functions. Column types: BIGINT, TEXT, BLOB.
// What both engines take, and what only one does: README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace godwit::store {

enum class Database { directory, runtime };

/// Bytes for a BLOB column, apart from text.
struct Blob {
    std::string_view bytes;
};

/// A parameter; views must outlive the call.
class Value {
public:
    Value(std::nullptr_t) {}
    Value(std::nullopt_t) {}
    Value(bool v) : data_(std::int64_t{v}) {}
    Value(int v) : data_(std::int64_t{v}) {}
    Value(std::int64_t v) : data_(v) {}
    Value(std::uint32_t v) : data_(std::int64_t{v}) {}
    Value(std::string_view v) : data_(v) {}
    Value(const std::string& v) : data_(std::string_view(v)) {}
    Value(const char* v) : data_(std::string_view(v)) {}
    Value(Blob v) : data_(v) {}
    Value(Time v) : data_(v.micros) {}
    template <class Tag>
    Value(Id<Tag> v) : data_(v.key) {}
    template <class T>
    Value(const std::optional<T>& v) {
        if (v) *this = Value(*v);
    }

    using Data = std::variant<std::monostate, std::int64_t, std::string_view, Blob>;
    const Data& data() const { return data_; }

private:
    Data data_;
};

/// One row of an answer; valid during the callback only. A wrong column index or type aborts; NULL reads as 0 or "".
class Row {
public:
    virtual ~Row() = default;
    virtual std::int64_t i64(int column) const = 0;
    virtual std::string_view text(int column) const = 0;
    virtual std::string_view blob(int column) const = 0;
    virtual bool null(int column) const = 0;

    bool flag(int column) const { return i64(column) != 0; }
    Time time(int column) const { return {i64(column)}; }
    std::optional<Time> maybe_time(int column) const { return null(column) ? std::nullopt : std::optional(time(column)); }
    template <class IdType>
    IdType id(int column) const {
        return IdType(i64(column));
    }
};

using Params = std::initializer_list<Value>;
using RowFn = std::function<void(const Row&)>;

/// A consistent snapshot of one database.
class Reader {
public:
    virtual ~Reader() = default;

    /// Runs a SELECT; `params` are ?2, ?3 …; `on_row` is called once a row. Errors: unavailable (database out of reach),
    /// deadline_exceeded, internal (bad SQL). Returns how many rows there were.
    Result<std::int64_t> query(InstanceScope scope, std::string_view sql, Params params, const RowFn& on_row) {
        return run_query(scope.no(), sql, {params.begin(), params.size()}, on_row);
    }
    Result<std::int64_t> query(InstanceScope scope, std::string_view sql, std::span<const Value> params, const RowFn& on_row) {
        return run_query(scope.no(), sql, params, on_row);
    }
    /// For the few tables that belong to no instance (instance_domains, nodes, schema_state …): ?1 is then 0.
    Result<std::int64_t> system_query(std::string_view sql, Params params, const RowFn& on_row) {
        return run_query(InstanceNo{0}, sql, {params.begin(), params.size()}, on_row);
    }

    /// Every event whose `tx` is smaller is visible in this snapshot, or never will be: see events.h.
    virtual Result<std::int64_t> settled_tx() = 0;

private:
    virtual Result<std::int64_t> run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) = 0;
};

/// A line of the append-only event log, written with the change it tells of.
struct Event {
    std::string_view aggregate_kind{};  ///< "user", "org", "project", "instance", "session" …
    std::int64_t aggregate_id = 0;
    std::string_view type{};            ///< the contract's event type: "user.human.added"
    std::int64_t owner = 0;             ///< organization, 0: the instance
    std::int64_t editor = 0;            ///< user who did it, 0: the system
    std::string_view editor_service{};  ///< "Management-API", "Import" …
    std::string_view request_id{};
    std::string body{};  ///< what changed, JSON, never a secret
};

/// A write transaction in progress. Not to be kept beyond the function it was handed to.
///
/// Once a statement failed, the transaction is lost: every further call answers the same error, and so does write(), whatever the
/// function returns. What may fail without that (a row that may exist already) uses ON CONFLICT DO NOTHING, or attempt().
class Writer : public Reader {
public:
    /// Runs one statement; the number of rows it changed. A unique violation is already_exists with the id "unique:<index or table>".
    Result<std::int64_t> exec(InstanceScope scope, std::string_view sql, Params params) {
        return run_exec(scope.no(), sql, {params.begin(), params.size()});
    }
    Result<std::int64_t> exec(InstanceScope scope, std::string_view sql, std::span<const Value> params) {
        return run_exec(scope.no(), sql, params);
    }
    Result<std::int64_t> system_exec(std::string_view sql, Params params) {
        return run_exec(InstanceNo{0}, sql, {params.begin(), params.size()});
    }

    /// Many rows into one table: COPY on PostgreSQL, a prepared statement on SQLite. `columns` is a comma-separated list whose
    /// first is instance_no; `rows` is row-major without that first column. Any unique violation fails the whole call (already_exists).
    Result<void> insert_rows(InstanceScope scope, std::string_view table, std::string_view columns, std::span<const Value> rows) {
        return run_insert_rows(scope.no(), table, columns, rows);
    }

    /// Runs `fn()` so that its failure undoes its own writes only, and answers what it answered; the transaction goes on. May be nested.
    /// Costs two more statements, on PostgreSQL round trips: not for every row of a batch.
    template <class Fn>
    auto attempt(Fn&& fn) -> std::invoke_result_t<Fn>;

    virtual Result<void> append(InstanceScope scope, std::span<const Event> events) = 0;
    Result<void> append(InstanceScope scope, const Event& event) { return append(scope, std::span(&event, 1)); }

    /// The time of this transaction (one value for all its rows).
    virtual Time now() const = 0;
    /// A fresh id, see base/id_generator.h.
    virtual std::int64_t new_id() = 0;

private:
    virtual Result<std::int64_t> run_exec(InstanceNo no, std::string_view sql, std::span<const Value> params) = 0;
    virtual Result<void> run_insert_rows(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) = 0;
    virtual Result<void> run_attempt(const std::function<Result<void>()>& fn) = 0;
};

class Store {
public:
    virtual ~Store() = default;

    /// Runs `fn` on a read snapshot. `fn` returns a Result. On PostgreSQL an answer is held in memory whole: long lists are read in pages.
    template <class Fn>
    auto read(Database database, Fn&& fn) -> std::invoke_result_t<Fn, Reader&>;

    /// Runs `fn` as one transaction: its writes and events are durable when this returns a value, and nothing of it remains when
    /// it returns an error. `fn` may run more than once (serialization failures), so it does no hashing, no I/O and no change
    /// outside the transaction. On SQLite concurrent calls share one commit.
    template <class Fn>
    auto write(Database database, Fn&& fn) -> std::invoke_result_t<Fn, Writer&>;

    /// As write, for batches of an import: yields to waiting small writes between batches.
    template <class Fn>
    auto write_bulk(Database database, Fn&& fn) -> std::invoke_result_t<Fn, Writer&>;
    /// True when small writes wait for this database: a bulk job commits its batch at its next opportunity.
    virtual bool writers_waiting(Database database) const = 0;

    /// A cheap round trip to both databases, for /debug/ready.
    virtual Result<void> ping() = 0;
    virtual std::string_view engine() const = 0;  ///< "sqlite" or "postgres"

private:
    virtual Result<void> run_read(Database database, const std::function<Result<void>(Reader&)>& fn) = 0;
    virtual Result<void> run_write(Database database, bool bulk, const std::function<Result<void>(Writer&)>& fn) = 0;
};

struct SqliteOptions {
    std::string directory;  ///< holds directory.db and runtime.db (created 0600)
    std::size_t readers = 8;
};
struct PostgresOptions {
    std::string connection;                ///< libpq conninfo
    std::string schema_prefix = "godwit";  ///< schemas <prefix>_directory and <prefix>_runtime
    std::size_t max_connections = 10;
};

/// Opens, locks and upgrades the databases (schema migrations under an advisory lock). Errors say what to do: failed_precondition when
/// another process holds the SQLite files or the schema is newer than this program reads; unavailable when PostgreSQL is out of reach.
Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options, const Clock& clock);
Result<std::unique_ptr<Store>> open_postgres(const PostgresOptions& options, const Clock& clock);

// ---- implementation of the templates ----

namespace detail {
template <class R, class Tx, class Fn>
std::function<Result<void>(Tx&)> into(Fn& fn, std::optional<R>& out) {
    return [&fn, &out](Tx& tx) -> Result<void> {
        auto result = fn(tx);
        if (!result) return std::unexpected(std::move(result).error());
        out.emplace(std::move(result));
        return {};
    };
}
}  // namespace detail

template <class Fn>
auto Writer::attempt(Fn&& fn) -> std::invoke_result_t<Fn> {
    std::optional<std::invoke_result_t<Fn>> out;
    auto ran = run_attempt([&]() -> Result<void> {
        out.emplace(fn());
        if (!*out) return std::unexpected(out->error());
        return {};
    });
    if (!ran) return std::unexpected(std::move(ran).error());
    return *std::move(out);
}

template <class Fn>
auto Store::read(Database database, Fn&& fn) -> std::invoke_result_t<Fn, Reader&> {
    std::optional<std::invoke_result_t<Fn, Reader&>> out;
    if (auto ran = run_read(database, detail::into<std::invoke_result_t<Fn, Reader&>, Reader>(fn, out)); !ran)
        return std::unexpected(std::move(ran).error());
    return *std::move(out);
}

template <class Fn>
auto Store::write(Database database, Fn&& fn) -> std::invoke_result_t<Fn, Writer&> {
    std::optional<std::invoke_result_t<Fn, Writer&>> out;
    if (auto ran = run_write(database, false, detail::into<std::invoke_result_t<Fn, Writer&>, Writer>(fn, out)); !ran)
        return std::unexpected(std::move(ran).error());
    return *std::move(out);
}

template <class Fn>
auto Store::write_bulk(Database database, Fn&& fn) -> std::invoke_result_t<Fn, Writer&> {
    std::optional<std::invoke_result_t<Fn, Writer&>> out;
    if (auto ran = run_write(database, true, detail::into<std::invoke_result_t<Fn, Writer&>, Writer>(fn, out)); !ran)
        return std::unexpected(std::move(ran).error());
    return *std::move(out);
}

}  // namespace godwit::store
