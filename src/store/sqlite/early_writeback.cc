#include "store/sqlite/early_writeback.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <initializer_list>

namespace godwit::store::sqlite {
namespace {

constexpr ssize_t kPiece = 1 << 20;
static_assert(sizeof(off_t) == sizeof(off64_t), "write_at() stands for pwrite and pwrite64");

/// What SQLite sorts in is deleted while it is open, and need not reach the disk at all.
bool has_name(int file) {
    struct stat found{};
    return fstat(file, &found) == 0 && found.st_nlink > 0;
}

/// pwrite(2), as SQLite calls it: for pages, and for the head of each in the log.
ssize_t write_at(int file, const void* data, size_t size, off64_t at) {
    const ssize_t written = pwrite64(file, data, size, at);
    if (written <= 0) return written;  // and errno says why
    thread_local int last = -1;
    thread_local ssize_t since = 0;
    thread_local bool named = false;
    if (last != file) {
        last = file;
        since = 0;
        named = has_name(file);
    }
    since += written;
    if (named && since >= kPiece) {
        since = 0;
        sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);  // of the pages that are dirty; a hint, and not all file systems take it
    }
    return written;
}

}  // namespace

void begin_writeback_early() {
    sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
    if (files == nullptr || files->iVersion < 3 || files->xSetSystemCall == nullptr) return;
    // The library uses the one of the two that it was built for, and says so by having it.
    for (const char* const name : {"pwrite64", "pwrite"}) {
        if (files->xGetSystemCall(files, name) != nullptr)
            files->xSetSystemCall(files, name, reinterpret_cast<sqlite3_syscall_ptr>(write_at));
    }
}

}  // namespace godwit::store::sqlite
