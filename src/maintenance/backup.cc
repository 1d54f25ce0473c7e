#include "maintenance/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "maintenance/token_epoch.h"
#include "store/inspection.h"
#include "store/sqlite/data_directory.h"
#include "store/sqlite/snapshot.h"
#include "store/store.h"

namespace godwit::maintenance {
namespace {

namespace fs = std::filesystem;
using store::Database;
using store::sqlite::kUnfinishedRestore;

auto cannot(std::string_view what, const std::string& path) {
    return fail(Code::unavailable, "BKP-Io02", "cannot " + std::string(what) + " " + path + ": " + std::strerror(errno));
}

Result<void> sync_folder(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool done = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!done) return cannot("sync", path);
    return {};
}

std::string folder_of(const std::string& path) {
    const auto parent = fs::path(path).parent_path();
    return parent.empty() ? std::string(".") : parent.string();
}

/// Gives the finished file its name, unless another one has it by now.
Result<void> move_into_place(const std::string& from, const std::string& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return sync_folder(folder_of(to));
    if (errno == EINVAL && ::access(to.c_str(), F_OK) != 0 && ::rename(from.c_str(), to.c_str()) == 0)  // a file system without the flag
        return sync_folder(folder_of(to));
    return cannot("write", to);
}

/// The files of a backup under way, gone when it ends in whatever way.
class Partial {
public:
    explicit Partial(const std::string& to) : archive_(to + ".partial-" + std::to_string(::getpid())), copy_(archive_ + ".db") {
        fd_ = ::open(archive_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    ~Partial() {
        if (fd_ >= 0) ::close(fd_);
        ::unlink(archive_.c_str());
        drop_copy();
    }
    Partial(const Partial&) = delete;
    Partial& operator=(const Partial&) = delete;

    int fd() const { return fd_; }
    const std::string& archive() const { return archive_; }
    const std::string& copy() const { return copy_; }
    void drop_copy() const { ::unlink(copy_.c_str()); }

private:
    const std::string archive_, copy_;
    int fd_;
};

Result<void> look_over(const std::string& folder) {
    const auto inspection = TRY(store::inspect_sqlite(folder));
    for (const Database database : {Database::directory, Database::runtime}) {
        const auto problems = TRY(inspection->check_engine(database));
        if (!problems.empty()) return fail(Code::invalid_argument, "BKP-Bad01", "the backup holds a damaged database: " + problems.front());
    }
    return {};
}

Result<std::string> restore_into(const std::string& data_dir, const std::string& from, bool keep_personal, const Clock& clock,
                                 const Progress& progress) {
    const auto lock = TRY(store::sqlite::DataDirectory::lock(data_dir));
    const std::string work = data_dir + "/" + kUnfinishedRestore;
    const bool interrupted = ::access(work.c_str(), F_OK) == 0;
    std::error_code error;
    for (const auto name : kArchiveMembers) {
        const std::string path = data_dir + "/" + std::string(name);
        if (::access(path.c_str(), F_OK) != 0) continue;
        if (!interrupted)
            return fail(Code::already_exists, "BKP-Old02",
                        path + " exists; name an empty folder, or move the old database (with its -wal file) away first");
        fs::remove(path, error);
    }
    fs::remove_all(work, error);
    if (::mkdir(work.c_str(), 0700) != 0) return cannot("make", work);
    TRY(sync_folder(data_dir));

    const auto done = [&]() -> Result<std::string> {
        const auto manifest = TRY(unpack(from, work, progress));
        TRY(look_over(work));
        const auto store = TRY(store::open_sqlite({.directory = work}, clock));
        TRY(raise_token_epoch(*store, keep_personal));
        return manifest.made;
    }();
    if (!done) {
        fs::remove_all(work, error);  // nothing was moved yet: the folder is as it was
        return done;
    }
    // From here on the folder counts as interrupted until `work` is gone.
    for (const auto name : {kArchiveMembers[1], kArchiveMembers[0]}) {
        const std::string file = "/" + std::string(name);
        if (::rename((work + file).c_str(), (data_dir + file).c_str()) != 0) return cannot("move", work + file);
    }
    TRY(sync_folder(data_dir));
    fs::remove_all(work, error);
    TRY(sync_folder(data_dir));
    return done;
}

}  // namespace

Result<void> backup(const std::string& data_dir, const std::string& to, const Clock& clock, const Progress& progress) {
    if (::access(to.c_str(), F_OK) == 0) return fail(Code::already_exists, "BKP-Old01", to + " exists; a backup never replaces a file");
    auto snapshot = TRY(store::sqlite::Snapshot::take(data_dir));
    Manifest manifest{.made = to_rfc3339(clock.now()), .sha256 = {}};

    const Partial partial(to);
    if (partial.fd() < 0) return cannot("write", partial.archive());
    // Each byte is written twice: as a copy by SQLite, and into the archive.
    const std::int64_t total = 2 * (snapshot.bytes(Database::directory) + snapshot.bytes(Database::runtime));
    std::int64_t before = 0;
    const auto step = [&](std::int64_t done) { progress(before + done, total); };
    for (const Database database : {Database::directory, Database::runtime}) {
        const std::string name(kArchiveMembers[database == Database::directory ? 0 : 1]);
        TRY(snapshot.copy(database, partial.copy(), step));
        before += snapshot.bytes(database);
        manifest.sha256[name] = TRY(append_file(partial.fd(), name, partial.copy(), step));
        before += snapshot.bytes(database);
        partial.drop_copy();
    }
    TRY(append_text(partial.fd(), kManifest, to_text(manifest)));
    TRY(append_end(partial.fd()));
    if (::fsync(partial.fd()) != 0) return cannot("write", partial.archive());
    return move_into_place(partial.archive(), to);
}

Result<std::string> restore(const std::string& from, const std::string& data_dir, bool keep_personal, const Clock& clock,
                            const Progress& progress) {
    if (::access(from.c_str(), R_OK) != 0) return cannot("read", from);
    const bool folder_was_there = ::access(data_dir.c_str(), F_OK) == 0;
    auto restored = restore_into(data_dir, from, keep_personal, clock, progress);
    if (!restored && !folder_was_there) {
        std::error_code error;
        fs::remove(data_dir + "/godwit.lock", error);
        fs::remove(data_dir, error);  // only when nothing is left in it
    }
    return restored;
}

}  // namespace godwit::maintenance
