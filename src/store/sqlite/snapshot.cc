#include "store/sqlite/snapshot.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/sqlite/connection.h"

namespace godwit::store::sqlite {
namespace {

constexpr int kPagesAStep = 1'024;
constexpr InstanceNo kSystem{0};

Error copy_error(const std::string& path, std::string_view why) {
    return {Code::unavailable, "STORE-copy", "cannot write the copy " + path + ": " + std::string(why)};
}

/// The file that a copy goes to: no journal and no syncs of its own, whoever asked for the copy syncs it.
class Target {
public:
    static Result<Target> create(const std::string& path) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) return fail(copy_error(path, std::strerror(errno)));
        ::close(fd);
        Target target;
        if (sqlite3_open_v2(path.c_str(), &target.db, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
            sqlite3_exec(target.db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr, nullptr, nullptr) != SQLITE_OK)
            return fail(copy_error(path, sqlite3_errmsg(target.db)));
        return target;
    }
    ~Target() { sqlite3_close(db); }
    Target(Target&& other) noexcept : db(std::exchange(other.db, nullptr)) {}
    Target& operator=(Target&&) = delete;

    sqlite3* db = nullptr;

private:
    Target() = default;
};

Result<std::int64_t> pragma(Connection& connection, std::string_view sql) {
    std::int64_t value = 0;
    TRY(connection.query(kSystem, false, sql, {}, [&](const Row& row) { value = row.i64(0); }));
    return value;
}

}  // namespace

/// The snapshot of the connection's open transaction, page by page.
Result<void> Connection::copy_to(const std::string& path, const std::function<void(std::int64_t)>& progress) {
    const auto target = TRY(Target::create(path));
    sqlite3_backup* backup = sqlite3_backup_init(target.db, "main", db_, "main");
    if (backup == nullptr) return fail(copy_error(path, sqlite3_errmsg(target.db)));
    const std::int64_t page = TRY(pragma(*this, "PRAGMA page_size"));
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(backup, kPagesAStep);
        progress((sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup)) * page);
    }
    sqlite3_backup_finish(backup);
    if (rc == SQLITE_DONE) return {};
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) return std::unexpected(last_error(rc, "backup"));
    return fail(copy_error(path, sqlite3_errstr(rc)));
}

Snapshot::Snapshot() = default;
Snapshot::~Snapshot() = default;
Snapshot::Snapshot(Snapshot&&) noexcept = default;

Result<Snapshot> Snapshot::take(const std::string& directory) {
    Snapshot snapshot;
    for (const std::size_t i : {1, 0}) {
        const std::string path = directory + (i == 0 ? "/directory.db" : "/runtime.db");
        if (::access(path.c_str(), F_OK) != 0) return fail(Code::not_found, "STORE-none", "there is no database at " + path);
        auto& file = snapshot.files_[i];
        file = TRY(Connection::open({.path = path, .writable = false}));
        TRY(file->run("BEGIN"));
        TRY(pragma(*file, "SELECT COUNT(*) FROM sqlite_schema"));  // the first read fixes what is seen
        snapshot.bytes_[i] = TRY(pragma(*file, "PRAGMA page_count")) * TRY(pragma(*file, "PRAGMA page_size"));
    }
    return snapshot;
}

Result<void> Snapshot::copy(Database database, const std::string& path, const std::function<void(std::int64_t)>& progress) {
    return files_[database == Database::directory ? 0 : 1]->copy_to(path, progress);
}

}  // namespace godwit::store::sqlite
