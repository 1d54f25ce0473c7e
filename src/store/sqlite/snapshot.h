// Both files of a data directory as they stand at one moment, copied beside a running server. For backups.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace godwit::store::sqlite {

class Connection;

/// The cut: every write acknowledged before take() is in both copies. `runtime` is held first and `directory` a moment later, so that
/// whatever a session or token refers to is in the other copy; nothing acknowledged after take() returned is in either.
/// Meanwhile writers go on; their write-ahead logs grow until the snapshot is let go.
class Snapshot {
public:
    /// Errors: not_found when the folder holds no database, failed_precondition when it cannot be read.
    static Result<Snapshot> take(const std::string& directory);
    ~Snapshot();
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(Snapshot&&) = delete;

    /// Size of the copy.
    std::int64_t bytes(Database database) const { return bytes_[database == Database::directory ? 0 : 1]; }
    /// Writes the copy to the new file `path` (mode 0600); `progress` is told how many bytes are done, every few megabytes.
    Result<void> copy(Database database, const std::string& path, const std::function<void(std::int64_t)>& progress);

private:
    Snapshot();

    std::array<std::unique_ptr<Connection>, 2> files_;
    std::array<std::int64_t, 2> bytes_{};
};

}  // namespace godwit::store::sqlite
