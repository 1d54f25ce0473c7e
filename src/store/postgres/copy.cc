// COPY: many rows in one stream.
#include <libpq-fe.h>

#include "base/text.h"
#include "store/postgres/connection.h"

namespace godwit::store::postgres {
namespace {

using schema::programming_error;

constexpr std::size_t kChunk = 256 * 1024;

}  // namespace

/// The types of a table's columns, asked once a connection.
Result<std::span<const Oid>> Connection::column_types(std::string_view table, std::string_view columns) {
    const std::string sql = "SELECT " + std::string(columns) + " FROM " + std::string(table) + " LIMIT 0";
    const std::string key = (database_ == Database::directory ? "d" : "r") + sql;
    if (const auto found = column_types_.find(key); found != column_types_.end()) return std::span<const Oid>(found->second);
    const ResultPtr described = TRY(run(InstanceNo{0}, false, sql, {}));
    std::vector<Oid> types;
    for (int i = 0; i < PQnfields(described.get()); ++i) types.push_back(PQftype(described.get(), i));
    return std::span<const Oid>(column_types_.emplace(key, std::move(types)).first->second);
}

Result<void> Connection::send_copy(const std::string& data, bool last) {
    bool ok = PQputCopyData(connection_, data.data(), static_cast<int>(data.size())) == 1;
    if (ok && last) ok = PQputCopyEnd(connection_, nullptr) == 1;
    if (ok) return {};
    note_lost_connection();
    return std::unexpected(*error_);
}

Result<void> Connection::copy(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) {
    open_transaction();
    const std::span<const Oid> types = TRY(column_types(table, columns));
    const std::size_t width = types.size() - 1;
    if (width == 0 || rows.size() % width != 0) programming_error("insert_rows: the rows do not fit the columns", columns);
    // Checked before anything is sent: an error in the middle of the stream would be the server's.
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (const auto* text = std::get_if<std::string_view>(&rows[i].data()); text != nullptr && !schema::is_storable_text(*text))
            return fail(Code::invalid_argument, "STORE-text", "text must be well-formed UTF-8 without NUL characters");
        if (fits(rows[i], types[i % width + 1])) continue;
        if (std::holds_alternative<std::int64_t>(rows[i].data()) && natural_type(rows[i]) == kInt8 && types[i % width + 1] != kText &&
            types[i % width + 1] != kBytea)
            return fail(Code::invalid_argument, "STORE-range", "a number is too large");
        programming_error("insert_rows: a value is of another type than its column", columns);
    }
    TRY(flush());

    PQexitPipelineMode(connection_);  // COPY knows no pipeline
    const std::string sql = "COPY " + std::string(table) + " (" + std::string(columns) + ") FROM STDIN WITH (FORMAT binary)";
    Result<void> outcome;
    if (!sent(PQsendQuery(connection_, sql.c_str()))) {
        // noted
    } else if (const ResultPtr started = next_result(); PQresultStatus(started.get()) != PGRES_COPY_IN) {
        if (started) note_error(started.get(), sql);
        while (const ResultPtr rest{PQgetResult(connection_)}) {
        }
    } else {
        std::string data;
        data.reserve(kChunk + kChunk / 4);
        append_copy_header(data);
        for (std::size_t at = 0; at < rows.size() && outcome; at += width) {
            append_copy_row(data, no, rows.subspan(at, width), types);
            if (data.size() < kChunk) continue;
            outcome = send_copy(data, false);
            data.clear();
        }
        append_copy_trailer(data);
        if (outcome) outcome = send_copy(data, true);
        await_answer();
        while (const ResultPtr result{PQgetResult(connection_)}) {
            if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) note_error(result.get(), sql);
        }
    }
    if (!broken_ && PQenterPipelineMode(connection_) != 1) note_lost_connection();
    if (error_) return std::unexpected(*error_);
    return {};
}

}  // namespace godwit::store::postgres
