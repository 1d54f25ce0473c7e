// The read connections of one SQLite file.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace godwit::store::sqlite {

/// Connections are opened when first needed, at most `size`; the one used last is used next, its cache is warm.
class ReaderPool {
public:
    ReaderPool(ConnectionOptions options, std::size_t size);

    /// Runs `fn` on one snapshot. unavailable when no connection became free in time.
    Result<void> run(const std::function<Result<void>(Reader&)>& fn);

private:
    Result<std::unique_ptr<Connection>> acquire();
    void release(std::unique_ptr<Connection> connection);

    const ConnectionOptions options_;
    const std::size_t size_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t open_ = 0;
};

}  // namespace godwit::store::sqlite
