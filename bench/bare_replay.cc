// The yardstick of migrations: takes the rows of all users that one database has and another has not (both made by Godwit), and writes them
// into the other as fast as plain SQLite does with the same tables, indexes and durability, 10,000 users to a transaction. Reading them is
// not counted.
//
//   bench_bare_replay FROM.DB INTO.DB [load] → users/s on standard output
//
// load: without the secondary indexes of these tables, which are built at the end, and counted.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kBatch = 10'000;
constexpr struct {
    const char* name;
    const char* user;  ///< the column that names the user
} kTables[] = {{"users", "id"},          {"user_passwords", "user_id"}, {"metadata", "owner_id"}, {"user_grants", "user_id"},
               {"idp_links", "user_id"}, {"user_totp", "user_id"},      {"passkeys", "user_id"},  {"external_refs", "object_id"},
               {"events", "agg_id"}};

sqlite3* db = nullptr;

void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    std::exit(1);
}

void exec(const std::string& sql) { check(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr)); }

sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
}

std::int64_t number(const std::string& sql) {
    sqlite3_stmt* statement = prepare(sql);
    check(sqlite3_step(statement));
    const std::int64_t found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

/// One table's rows in the order of their users.
struct Rows {
    struct Value {
        int type;
        int size;         ///< of text and blobs, which lie in `bytes`
        std::int64_t at;  ///< there, or the number itself
    };
    int columns = 0;
    std::vector<Value> values;
    std::vector<std::int64_t> users;
    std::string bytes;
    sqlite3_stmt* insert = nullptr;
    std::size_t next = 0;
};

Rows read(const std::string& table, const std::string& user, std::int64_t above) {
    Rows rows;
    sqlite3_stmt* all = prepare("SELECT " + user + ", * FROM " + table + " WHERE " + user + " IN (SELECT id FROM users WHERE id > " +
                                std::to_string(above) + ") ORDER BY 1");
    rows.columns = sqlite3_column_count(all) - 1;
    while (sqlite3_step(all) == SQLITE_ROW) {
        rows.users.push_back(sqlite3_column_int64(all, 0));
        for (int i = 1; i <= rows.columns; ++i) {
            Rows::Value value{sqlite3_column_type(all, i), 0, 0};
            if (value.type == SQLITE_INTEGER) {
                value.at = sqlite3_column_int64(all, i);
            } else if (value.type != SQLITE_NULL) {
                const void* data = sqlite3_column_blob(all, i);
                value.size = sqlite3_column_bytes(all, i);
                value.at = static_cast<std::int64_t>(rows.bytes.size());
                rows.bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(value.size));
            }
            rows.values.push_back(value);
        }
    }
    sqlite3_finalize(all);
    return rows;
}

void insert_next(Rows& rows) {
    for (int i = 0; i < rows.columns; ++i) {
        const auto& value = rows.values[rows.next * static_cast<std::size_t>(rows.columns) + static_cast<std::size_t>(i)];
        switch (value.type) {
            case SQLITE_INTEGER:
                check(sqlite3_bind_int64(rows.insert, i + 1, value.at));
                break;
            case SQLITE_NULL:
                check(sqlite3_bind_null(rows.insert, i + 1));
                break;
            case SQLITE_TEXT:
                check(sqlite3_bind_text(rows.insert, i + 1, rows.bytes.data() + value.at, value.size, SQLITE_STATIC));
                break;
            default:
                check(sqlite3_bind_blob(rows.insert, i + 1, rows.bytes.data() + value.at, value.size, SQLITE_STATIC));
        }
    }
    check(sqlite3_step(rows.insert));
    check(sqlite3_reset(rows.insert));
    ++rows.next;
}

std::string names_of_tables() {
    std::string names;
    for (const auto& table : kTables) names += (names.empty() ? "'" : ", '") + std::string(table.name) + "'";
    return names;
}

/// The statements that make the secondary indexes, which are gone when this returns.
std::vector<std::string> drop_indexes() {
    std::vector<std::string> names, statements;
    sqlite3_stmt* all =
        prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (" + names_of_tables() + ")");
    while (sqlite3_step(all) == SQLITE_ROW) {
        names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(all, 0)));
        statements.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(all, 1)));
    }
    sqlite3_finalize(all);
    for (const std::string& name : names) exec("DROP INDEX " + name);
    return statements;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    check(sqlite3_open(argv[2], &db));
    const std::int64_t above = number("SELECT MAX(id) FROM users");
    sqlite3_close(db);

    check(sqlite3_open(argv[1], &db));
    std::vector<Rows> tables;
    for (const auto& table : kTables) tables.push_back(read(table.name, table.user, above));
    sqlite3_close(db);
    const std::vector<std::int64_t> users = tables.front().users;

    check(sqlite3_open(argv[2], &db));
    for (const char* pragma :
         {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=20000", "PRAGMA cache_size=-32000"})
        exec(pragma);
    const auto start = std::chrono::steady_clock::now();
    const std::vector<std::string> indexes = argc > 3 && std::strcmp(argv[3], "load") == 0 ? drop_indexes() : std::vector<std::string>();
    for (std::size_t t = 0; t < tables.size(); ++t) {
        std::string places = "?";
        for (int i = 1; i < tables[t].columns; ++i) places += ", ?";
        tables[t].insert = prepare("INSERT INTO " + std::string(kTables[t].name) + " VALUES (" + places + ")");
    }
    for (std::size_t done = 0; done < users.size();) {
        exec("BEGIN IMMEDIATE");
        const std::size_t end = std::min(users.size(), done + kBatch);
        for (; done < end; ++done) {
            for (Rows& rows : tables) {
                while (rows.next < rows.users.size() && rows.users[rows.next] <= users[done]) insert_next(rows);
            }
        }
        exec("COMMIT");
    }
    for (const std::string& index : indexes) exec(index);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%.0f\n", static_cast<double>(users.size()) / seconds.count());
}
