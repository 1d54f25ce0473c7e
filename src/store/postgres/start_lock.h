// One node at a time sets up an empty database.
#pragma once

#include <memory>

#include "base/result.h"
#include "store/store.h"

namespace godwit::store::postgres {

class Connection;

/// Held while the object lives; goes with the process, however it ends. Who comes second waits, and then finds what the first one made.
class StartLock {
public:
    /// Waits up to two minutes. Errors: unavailable when the database is out of reach, or another node takes longer than that.
    static Result<StartLock> take(const PostgresOptions& options);
    ~StartLock();
    StartLock(StartLock&&) noexcept;
    StartLock& operator=(StartLock&&) = delete;

private:
    explicit StartLock(std::unique_ptr<Connection> connection);

    std::unique_ptr<Connection> connection_;
};

}  // namespace godwit::store::postgres
