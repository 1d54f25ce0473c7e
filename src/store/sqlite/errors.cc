// What SQLite's result codes mean to a caller.
#include <sqlite3.h>

#include <string>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "base/work_limit.h"
#include "store/sqlite/connection.h"

namespace godwit::store::sqlite {
namespace {

constexpr std::string_view kUniqueFailed = "UNIQUE constraint failed: ";

/// One answer column of a catalogue query, as text.
std::vector<std::string> catalogue(sqlite3* db, const char* sql, const std::string& argument) {
    std::vector<std::string> out;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, argument.c_str(), -1, SQLITE_STATIC);
        while (sqlite3_step(statement) == SQLITE_ROW) out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    }
    sqlite3_finalize(statement);
    return out;
}

}  // namespace

/// SQLite names the columns ("users.instance_no, users.login_scope, …"), the caller wants the index, as PostgreSQL names it.
std::string Connection::violated_index(std::string_view message) {
    if (!message.starts_with(kUniqueFailed)) return "unique:";
    std::vector<std::string> columns;
    std::string table;
    for (std::string_view part : split(message.substr(kUniqueFailed.size()), ',')) {
        const auto names = split_once(trim(part), '.');
        if (!names) return "unique:";
        table = names->first;
        columns.emplace_back(names->second);
    }
    const char* unique_indexes = "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND origin = 'c'";
    for (const std::string& index : catalogue(db_, unique_indexes, table)) {
        if (catalogue(db_, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index) == columns) return "unique:" + index;
    }
    return "unique:" + table;
}

Error Connection::last_error(int rc, std::string_view sql) {
    const std::string message = sqlite3_errmsg(db_);
    switch (rc) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
            return {Code::already_exists, violated_index(message), "already exists"};
        case SQLITE_IOERR_NOMEM:
            return {Code::resource_exhausted, "STORE-memory", "the database ran out of memory"};
        default:
            break;
    }
    // What follows is for the operator, who finds the details in the log; callers learn whether to try again.
    const auto level = (rc & 0xff) == SQLITE_INTERRUPT ? log::Level::warn : log::Level::error;
    log::write(level, "sqlite", {{"error", message}, {"code", rc}, {"sql", sql}});
    switch (rc & 0xff) {
        case SQLITE_INTERRUPT:
            if (const auto wanted = work_wanted(); !wanted) return wanted.error();
            return {Code::unavailable, "STORE-deadline", "the database took too long; try again"};
        case SQLITE_FULL:
            return {Code::unavailable, "STORE-full", "the disk that holds the database is full; nothing was written"};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {Code::unavailable, "STORE-busy", "the database is held by another program; try again"};
        case SQLITE_READONLY:
            return {Code::unavailable, "STORE-readonly", "the database can only be read at present; nothing was written"};
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            return {Code::unavailable, "STORE-io", "the disk that holds the database fails; nothing was written"};
        case SQLITE_NOMEM:
            return {Code::resource_exhausted, "STORE-memory", "the database ran out of memory"};
        case SQLITE_TOOBIG:
            return {Code::invalid_argument, "STORE-size", "a value is too large for the database"};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {Code::data_loss, "STORE-corrupt", "the database file is damaged; restore a backup"};
        default:
            return {Code::internal, "STORE-sql", "the database refused a statement"};
    }
}

}  // namespace godwit::store::sqlite
