// The directory that holds the database files: made when absent, and locked for one process.
#pragma once

#include <string>

#include "base/result.h"

namespace godwit::store::sqlite {

/// A folder of this name in a data directory holds a restore that did not come to its end: no server starts on what it left.
inline constexpr const char* kUnfinishedRestore = "restore.partial";

/// Held as long as the object lives; the lock goes with the process, however it ends.
class DataDirectory {
public:
    /// Errors: failed_precondition when another process holds it (its number is in the message), or it cannot be written.
    static Result<DataDirectory> lock(std::string path);
    ~DataDirectory();
    DataDirectory(DataDirectory&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
    DataDirectory& operator=(DataDirectory&&) = delete;

    const std::string& path() const { return path_; }

private:
    DataDirectory(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

    std::string path_;
    int fd_;
};

}  // namespace godwit::store::sqlite
