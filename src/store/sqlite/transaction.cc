#include "store/sqlite/transaction.h"

#include "store/schema/event_rows.h"

namespace godwit::store::sqlite {

Result<std::int64_t> SqliteReader::run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) {
    return connection_.query(no, no.value != 0, sql, params, on_row);
}

/// All events have tx 0, and a file with one writer has no transaction that commits late.
Result<std::int64_t> SqliteReader::settled_tx() { return 1; }
Result<std::int64_t> SqliteWriter::settled_tx() { return 1; }

/// SQLite would let a transaction go on after a failed statement, PostgreSQL does not: both behave as PostgreSQL.
template <class Fn>
auto SqliteWriter::guard(Fn fn) -> decltype(fn()) {
    if (lost_) return std::unexpected(*lost_);
    auto result = fn();
    if (!result) lost_ = result.error();
    return result;
}

Result<std::int64_t> SqliteWriter::run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) {
    return guard([&] { return connection_.query(no, no.value != 0, sql, params, on_row); });
}

Result<std::int64_t> SqliteWriter::run_exec(InstanceNo no, std::string_view sql, std::span<const Value> params) {
    return guard([&] { return connection_.exec(no, no.value != 0, sql, params); });
}

Result<void> SqliteWriter::run_insert_rows(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) {
    return guard([&] { return connection_.insert_rows(no, table, columns, rows); });
}

Result<void> SqliteWriter::append(InstanceScope scope, std::span<const Event> events) { return schema::write_events(*this, scope, events); }

Result<void> SqliteWriter::run_attempt(const std::function<Result<void>()>& fn) {
    if (lost_) return std::unexpected(*lost_);
    TRY(guard([&] { return connection_.run("SAVEPOINT attempt"); }));
    auto outcome = fn();
    if (outcome && lost_) outcome = std::unexpected(*lost_);
    if (!outcome) {
        if (!connection_.in_transaction()) {  // the error took the whole transaction with it
            lost_ = outcome.error();
            return outcome;
        }
        lost_.reset();
        TRY(guard([&] { return connection_.run("ROLLBACK TO attempt"); }));
    }
    TRY(guard([&] { return connection_.run("RELEASE attempt"); }));
    return outcome;
}

}  // namespace godwit::store::sqlite
