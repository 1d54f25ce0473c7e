// The yardstick of bulk imports: writes the rows that an imported user makes into a database file that Godwit made (so: the same
// tables, the same indexes), as fast as plain SQLite does it with the same durability.
//
//   bench_bare_insert DIRECTORY.DB USERS → users/s on standard output
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr int kBatch = 10'000;
constexpr long long kFirstId = (1LL << 62) + (1LL << 61);  // above everything generated so far

sqlite3* db = nullptr;

void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    std::exit(1);
}

sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
}

void text(sqlite3_stmt* statement, int column, const std::string& value) {
    check(sqlite3_bind_text(statement, column, value.data(), static_cast<int>(value.size()), SQLITE_STATIC));
}

void run(sqlite3_stmt* statement) {
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int users = std::atoi(argv[2]);
    check(sqlite3_open(argv[1], &db));
    for (const char* pragma :
         {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=20000", "PRAGMA cache_size=-32000"})
        check(sqlite3_exec(db, pragma, nullptr, nullptr, nullptr));
    sqlite3_stmt* user = prepare(
        "INSERT INTO users (instance_no, id, public_id, public_id_key, org_id, kind, state, created_at, changed_at, name, name_key, "
        "given_name, family_name, display_name, lang, email, email_key, email_verified_at, email_source, given_key, family_key, "
        "display_key) VALUES (1, ?1, ?2, ?2, ?3, 1, 1, ?4, ?4, ?5, ?5, 'Ann', 'Lee', 'Ann Lee', 'en', ?6, ?6, ?4, 'import', 'ann', 'lee', "
        "'ann lee')");
    sqlite3_stmt* password =
        prepare("INSERT INTO user_passwords (instance_no, user_id, encoded, scheme, changed_at) VALUES (1, ?1, ?2, 'bcrypt', ?3)");
    sqlite3_stmt* event = prepare(
        "INSERT INTO events (instance_no, tx, pos, agg_kind, agg_id, type, owner_id, editor_id, editor_service, request_id, created_at, "
        "body) "
        "VALUES (1, 0, ?1, 'user', ?2, ?6, ?3, 1, 'Import', 'bench', ?4, ?5)");
    const std::string hash = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS";
    const long long org = kFirstId - 1, now = 1'780'000'000'000'000;

    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < users;) {
        check(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
        for (int end = std::min(users, i + kBatch); i < end; ++i) {
            const std::string name = "bare" + std::to_string(i), email = name + "@example.com", id = "bare-" + std::to_string(i);
            const std::string body = R"({"userName":")" + name +
                                     R"(","firstName":"Ann","lastName":"Lee","displayName":"Ann Lee","preferredLanguage":"en","email":")" +
                                     email + "\"}";
            const auto happened = [&](long long pos, const std::string& type, const std::string& what) {
                sqlite3_bind_int64(event, 1, pos);
                sqlite3_bind_int64(event, 2, kFirstId + i);
                sqlite3_bind_int64(event, 3, org);
                sqlite3_bind_int64(event, 4, now);
                text(event, 5, what);
                text(event, 6, type);
                run(event);
            };
            sqlite3_bind_int64(user, 1, kFirstId + i);
            text(user, 2, id);
            sqlite3_bind_int64(user, 3, org);
            sqlite3_bind_int64(user, 4, now);
            text(user, 5, name);
            text(user, 6, email);
            run(user);
            sqlite3_bind_int64(password, 1, kFirstId + i);
            text(password, 2, hash);
            sqlite3_bind_int64(password, 3, now);
            run(password);
            happened(kFirstId + users + 2 * i, "user.human.added", body);
            happened(kFirstId + users + 2 * i + 1, "user.human.email.verified", "{}");
        }
        check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr));
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%.0f\n", users / seconds.count());
}
