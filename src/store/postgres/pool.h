// The connections of this process to PostgreSQL.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "store/postgres/connection.h"

namespace godwit::store::postgres {

class Pool {
public:
    Pool(Connection::Settings settings, std::size_t max_connections);

    /// A connection for one transaction; best one that served this database last (its search path and plans are there). Waits when all
    /// are in use: unavailable after five seconds. Bulk callers hold at most half of all.
    Result<std::unique_ptr<Connection>> acquire(Database database, bool bulk);
    /// Gives it back, in whatever state it is. One that broke takes the idle ones with it: the server is likely to have restarted.
    void release(std::unique_ptr<Connection> connection, bool bulk);

    /// Somebody waits for a connection.
    bool waiting() const;

private:
    bool may_take(bool bulk) const;

    const Connection::Settings settings_;
    const std::size_t max_;
    const std::size_t max_bulk_;
    mutable std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t open_ = 0;  ///< idle ones included
    std::size_t bulk_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace godwit::store::postgres
