#include "store/postgres/transaction.h"

#include <libpq-fe.h>

#include "base/text.h"
#include "store/schema/event_rows.h"

namespace godwit::store::postgres {
namespace {

/// Up to here single inserts in one round trip are quicker than COPY with its three.
constexpr std::size_t kFewRows = 8;

Result<std::int64_t> answer_rows(Connection& connection, InstanceNo no, std::string_view sql, std::span<const Value> params,
                                 const RowFn& on_row) {
    const ResultPtr result = TRY(connection.run(no, no.value != 0, sql, params));
    ResultRow row(result.get(), sql);
    const int rows = PQntuples(result.get());
    for (int i = 0; i < rows; ++i) {
        row.move_to(i);
        on_row(row);
    }
    return rows;
}

std::string insert_statement(std::string_view table, std::string_view columns, std::size_t width) {
    std::string sql = "INSERT INTO " + std::string(table) + " (" + std::string(columns) + ") VALUES (?1";
    for (std::size_t i = 2; i <= width; ++i) sql += ", ?" + std::to_string(i);
    return sql + ")";
}

/// Every transaction below the snapshot's xmin has ended.
Result<std::int64_t> oldest_running(Reader& db) {
    std::int64_t oldest = 0;
    TRY(db.system_query("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)", {},
                        [&](const Row& row) { oldest = row.i64(0); }));
    return oldest;
}

}  // namespace

Result<std::int64_t> PostgresReader::settled_tx() { return oldest_running(*this); }
Result<std::int64_t> PostgresWriter::settled_tx() { return oldest_running(*this); }

Result<std::int64_t> PostgresReader::run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) {
    return answer_rows(connection_, no, sql, params, on_row);
}

/// The server refuses everything after a failed statement; here that is told without asking it.
template <class Fn>
auto PostgresWriter::guard(Fn fn) -> decltype(fn()) {
    if (lost_) return std::unexpected(*lost_);
    auto result = fn();
    if (!result) lost_ = result.error();
    return result;
}

Result<std::int64_t> PostgresWriter::run_query(InstanceNo no, std::string_view sql, std::span<const Value> params, const RowFn& on_row) {
    return guard([&] { return answer_rows(connection_, no, sql, params, on_row); });
}

Result<std::int64_t> PostgresWriter::run_exec(InstanceNo no, std::string_view sql, std::span<const Value> params) {
    return guard([&]() -> Result<std::int64_t> {
        const ResultPtr result = TRY(connection_.run(no, no.value != 0, sql, params));
        return parse_number<std::int64_t>(PQcmdTuples(result.get())).value_or(0);
    });
}

Result<void> PostgresWriter::run_insert_rows(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) {
    return guard([&]() -> Result<void> {
        const auto names = split(columns, ',');
        const std::size_t width = names.size();
        if (trim(names.front()) != "instance_no") schema::programming_error("the first column of insert_rows must be instance_no", columns);
        if (width < 2 || rows.size() % (width - 1) != 0) schema::programming_error("insert_rows: the rows do not fit the columns", columns);
        if (rows.empty()) return {};
        if (rows.size() > kFewRows * (width - 1)) {
            copied_.emplace_back(table, rows.size() / (width - 1));
            return connection_.copy(no, table, columns, rows);
        }
        const std::string sql = insert_statement(table, columns, width);
        for (std::size_t at = 0; at < rows.size(); at += width - 1)
            TRY(connection_.queue(no, no.value != 0, sql, rows.subspan(at, width - 1)));
        // Events clash with nothing, so their answer can wait for the next statement's.
        return appending_ ? Result<void>() : connection_.flush();
    });
}

Result<void> PostgresWriter::append(InstanceScope scope, std::span<const Event> events) {
    appending_ = true;
    auto written = schema::write_events(*this, scope, events);
    appending_ = false;
    return written;
}

Result<void> PostgresWriter::run_attempt(const std::function<Result<void>()>& fn) {
    TRY(guard([&] { return connection_.savepoint(); }));
    auto outcome = fn();
    if (outcome && lost_) outcome = std::unexpected(*lost_);
    if (outcome) outcome = connection_.release_savepoint();
    if (outcome) return outcome;
    if (auto undone = connection_.roll_back_to_savepoint(); !undone) {
        lost_ = undone.error();
    } else {
        lost_.reset();
    }
    return outcome;
}

}  // namespace godwit::store::postgres
