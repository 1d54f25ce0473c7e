// The yardstick of bulk imports on PostgreSQL: the rows that an imported user makes, into tables that Godwit made (so: the same columns,
// the same indexes), by binary COPY over one connection, 10,000 users a transaction.
//
//   bench_bare_copy CONNINFO SCHEMA USERS → users/s on standard output
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr int kBatch = 10'000;
constexpr long long kFirstId = (1LL << 62) + (1LL << 61);  // above everything generated so far

PGconn* db = nullptr;

void check(PGresult* result, ExecStatusType wanted) {
    if (PQresultStatus(result) != wanted) {
        std::fprintf(stderr, "%s\n", PQerrorMessage(db));
        std::exit(1);
    }
    PQclear(result);
}

/// One COPY: rows of numbers and texts in PostgreSQL's binary form.
class Table {
public:
    Table(std::string name, std::string columns, int width)
        : sql_("COPY " + std::move(name) + " (" + std::move(columns) + ") FROM STDIN WITH (FORMAT binary)"), width_(width) {
        clear();
    }
    void row() { big_endian(width_, 2); }
    void number(long long value, int bytes) {
        big_endian(bytes, 4);
        big_endian(value, bytes);
    }
    void text(const std::string& value) {
        big_endian(static_cast<long long>(value.size()), 4);
        data_ += value;
    }
    void send() {
        big_endian(-1, 2);
        check(PQexec(db, sql_.c_str()), PGRES_COPY_IN);
        PQputCopyData(db, data_.data(), static_cast<int>(data_.size()));
        PQputCopyEnd(db, nullptr);
        while (PGresult* result = PQgetResult(db)) check(result, PGRES_COMMAND_OK);
        clear();
    }

private:
    void clear() { data_.assign("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19); }
    void big_endian(long long value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) data_ += static_cast<char>(value >> shift);
    }

    const std::string sql_;
    const int width_;
    std::string data_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const int users = std::atoi(argv[3]);
    db = PQconnectdb(argv[1]);
    check(PQexec(db, (std::string("SET search_path TO ") + argv[2]).c_str()), PGRES_COMMAND_OK);
    Table user("users",
               "instance_no, id, public_id, public_id_key, org_id, kind, state, created_at, changed_at, name, name_key, given_name, "
               "family_name, display_name, lang, email, email_key, email_verified_at, email_source, given_key, "
               "family_key, display_key",
               22);
    Table password("user_passwords", "instance_no, user_id, encoded, scheme, changed_at", 5);
    Table event("events", "instance_no, pos, agg_kind, agg_id, type, owner_id, editor_id, editor_service, request_id, created_at, body",
                11);
    const std::string hash = "$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS";
    const long long org = kFirstId - 1, now = 1'780'000'000'000'000;

    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < users;) {
        check(PQexec(db, "BEGIN"), PGRES_COMMAND_OK);
        for (int end = std::min(users, i + kBatch); i < end; ++i) {
            const std::string name = "bare" + std::to_string(i), email = name + "@example.com", id = "bare-" + std::to_string(i);
            const std::string body = R"({"userName":")" + name +
                                     R"(","firstName":"Ann","lastName":"Lee","displayName":"Ann Lee","preferredLanguage":"en","email":")" +
                                     email + "\"}";
            user.row();
            user.number(1, 4), user.number(kFirstId + i, 8), user.text(id), user.text(id), user.number(org, 8), user.number(1, 2);
            user.number(1, 2), user.number(now, 8), user.number(now, 8), user.text(name), user.text(name), user.text("Ann");
            user.text("Lee"), user.text("Ann Lee"), user.text("en"), user.text(email), user.text(email), user.number(now, 8);
            user.text("import"), user.text("ann"), user.text("lee"), user.text("ann lee");
            password.row();
            password.number(1, 4), password.number(kFirstId + i, 8), password.text(hash), password.text("bcrypt"), password.number(now, 8);
            const auto happened = [&](long long pos, const std::string& type, const std::string& what) {
                event.row();
                event.number(1, 4), event.number(pos, 8), event.text("user"), event.number(kFirstId + i, 8), event.text(type);
                event.number(org, 8), event.number(1, 8), event.text("Import"), event.text("bench"), event.number(now, 8), event.text(what);
            };
            happened(kFirstId + users + 2 * i, "user.human.added", body);
            happened(kFirstId + users + 2 * i + 1, "user.human.email.verified", "{}");
        }
        user.send();
        password.send();
        event.send();
        check(PQexec(db, "COMMIT"), PGRES_COMMAND_OK);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%.0f\n", users / seconds.count());
    PQfinish(db);
}
