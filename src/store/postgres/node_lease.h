// The number that a node makes ids with, leased in the table `nodes`, so that no two nodes hold one at a time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/id_generator.h"
#include "store/store.h"

// The only SQL of the program that reads the database's clock.
#define GODWIT_DATABASE_MICROS "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
/// Key of the advisory lock that whoever has the databases to itself holds (sole_use.h), and that who joins the nodes shares for a moment.
#define GODWIT_SOLE_USE_LOCK "hashtextextended('godwit sole use of ' || current_schema(), 0)"

namespace godwit::store::postgres {

/// Lease times are by the database's clock, marks by this node's; how long we may go on without hearing from the database is by the
/// steady clock, and half of what the lease says.
class NodeLease {
public:
    using Write = std::function<Result<void>(const std::function<Result<void>(Writer&)>&)>;

    /// `write` runs a transaction on `directory`. The Writer's new_id() is not used.
    NodeLease(const Clock& clock, Write write);
    /// Lets the number go.
    ~NodeLease();
    NodeLease(const NodeLease&) = delete;
    NodeLease& operator=(const NodeLease&) = delete;

    /// Takes or renews the lease; call it every kIdMarkEvery, or when ids() fails. A number that went to another node meanwhile is
    /// replaced by a fresh one. Any thread.
    Result<void> renew();

    /// The generator of the number held. unavailable while the lease could not be renewed for too long.
    Result<std::shared_ptr<IdGenerator>> ids() const;

private:
    Result<bool> extend();
    Result<void> take();
    void hold(std::shared_ptr<IdGenerator> ids, int node, Time mark, std::chrono::steady_clock::time_point asked_at);

    const Clock& clock_;
    const Write write_;
    const std::string boot_id_;
    std::mutex renewing_;
    mutable std::mutex mutex_;
    std::shared_ptr<IdGenerator> ids_;
    int node_ = -1;
    std::chrono::steady_clock::time_point valid_until_;
};

}  // namespace godwit::store::postgres
