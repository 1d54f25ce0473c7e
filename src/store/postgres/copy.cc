// COPY: many rows in one stream.
#include <libpq-fe.h>

#include <algorithm>

#include "base/text.h"
#include "store/postgres/connection.h"

namespace godwit::store::postgres {
namespace {

using schema::programming_error;

/// What libpq is given at a time: it copies that once more.
constexpr std::size_t kChunk = 64 * 1024;

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

/// Checked before anything is sent: an error in the middle of the stream would be the server's.
Result<std::string> Connection::encode_copy(InstanceNo no, std::string_view columns, std::span<const Value> rows,
                                            std::span<const Oid> types) {
    const std::size_t width = types.size() - 1;
    if (width == 0 || rows.size() % width != 0) programming_error("insert_rows: the rows do not fit the columns", columns);
    std::size_t bytes = 64;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Oid type = types[i % width + 1];
        const auto* text = std::get_if<std::string_view>(&rows[i].data());
        if (text != nullptr && !schema::is_storable_text(*text))
            return fail(Code::invalid_argument, "STORE-text", "text must be well-formed UTF-8 without NUL characters");
        const auto* blob = std::get_if<Blob>(&rows[i].data());
        bytes += 12 + (text != nullptr ? text->size() : blob != nullptr ? blob->bytes.size() : 0);
        if (i % width == 0) bytes += 16;
        if (fits(rows[i], type)) continue;
        if (std::holds_alternative<std::int64_t>(rows[i].data()) && type != kText && type != kBytea)
            return fail(Code::invalid_argument, "STORE-range", "a number is too large");
        programming_error("insert_rows: a value is of another type than its column", columns);
    }
    std::string data;
    data.reserve(bytes);
    append_copy_header(data);
    for (std::size_t at = 0; at < rows.size(); at += width) append_copy_row(data, no, rows.subspan(at, width), types);
    append_copy_trailer(data);
    return data;
}

Result<void> Connection::copy(InstanceNo no, std::string_view table, std::string_view columns, std::span<const Value> rows) {
    if (begin_due_) open_transaction();
    const std::span<const Oid> types = TRY(column_types(table, columns));
    std::string data = TRY(encode_copy(no, columns, rows, types));
    if (!copying_) {
        TRY(flush());
        PQexitPipelineMode(connection_);  // COPY knows no pipeline
        if (!copies_) copies_ = std::make_unique<CopyThread>([this](const CopyThread::Stream& stream) { return send_copy(stream); });
        copying_ = true;
    }
    await_copies(&CopyThread::has_room);
    if (copies_->add({"COPY " + std::string(table) + " (" + std::string(columns) + ") FROM STDIN WITH (FORMAT binary)", std::move(data)}))
        return {};
    return flush();
}

/// On the thread of `copies_`, which has the connection to itself.
bool Connection::send_copy(const CopyThread::Stream& stream) {
    if (!sent(PQsendQuery(connection_, stream.sql.c_str()))) return false;
    const ResultPtr started = next_result();
    if (PQresultStatus(started.get()) == PGRES_COPY_IN) {
        bool ok = true;
        for (std::string_view left = stream.data; ok && !left.empty(); left.remove_prefix(std::min(kChunk, left.size())))
            ok = PQputCopyData(connection_, left.data(), static_cast<int>(std::min(kChunk, left.size()))) == 1;
        if (!ok || PQputCopyEnd(connection_, nullptr) != 1) {
            note_lost_connection();
            return false;
        }
    } else if (started) {
        note_error(started.get(), stream.sql);
    }
    while (const ResultPtr result{PQgetResult(connection_)}) {
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) note_error(result.get(), stream.sql);
    }
    return !error_;
}

}  // namespace godwit::store::postgres
