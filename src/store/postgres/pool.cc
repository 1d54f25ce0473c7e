#include "store/postgres/pool.h"

#include <algorithm>
#include <chrono>

#include "base/lane.h"
#include "base/work_limit.h"

namespace godwit::store::postgres {
namespace {

constexpr std::chrono::seconds kMaxWait{5};

}  // namespace

Pool::Pool(Connection::Settings settings, std::size_t max_connections)
    : settings_(std::move(settings)), max_(std::max<std::size_t>(max_connections, 2)), max_bulk_(max_ / 2) {}

bool Pool::may_take(bool bulk) const { return (!idle_.empty() || open_ < max_) && (!bulk || bulk_ < max_bulk_); }

Result<std::unique_ptr<Connection>> Pool::acquire(Database database, bool bulk) {
    TRY(work_wanted());
    std::unique_lock lock(mutex_);
    if (!may_take(bulk)) {
        if (!bulk) ++waiting_;  // a waiting import is no reason for another import to hurry
        const auto until = within_work_limit(std::chrono::steady_clock::now() + kMaxWait);
        const Lanes::Waiting in_line;
        const bool freed = freed_.wait_until(lock, until, [&] { return may_take(bulk); });
        if (!bulk) --waiting_;
        if (!freed) TRY(work_wanted());
        if (!freed) return fail(Code::unavailable, "STORE-connections", "too many calls wait for the database; try again");
    }
    if (bulk) ++bulk_;
    if (!idle_.empty()) {
        auto best = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& connection) { return connection->database() == database; });
        auto chosen = best != idle_.rend() ? std::prev(best.base()) : std::prev(idle_.end());
        auto connection = std::move(*chosen);
        idle_.erase(chosen);
        return connection;
    }
    ++open_;
    lock.unlock();
    auto opened = Connection::open(settings_);
    if (!opened) {
        lock.lock();
        --open_;
        if (bulk) --bulk_;
        lock.unlock();
        freed_.notify_all();
        // Where the server stands is the operator's business, and in the log.
        return fail(Code::unavailable, "STORE-connection", "the database is out of reach; try again");
    }
    return opened;
}

void Pool::release(std::unique_ptr<Connection> connection, bool bulk) {
    std::vector<std::unique_ptr<Connection>> useless;  // closed outside the lock
    {
        const std::lock_guard lock(mutex_);
        if (bulk) --bulk_;
        if (connection->usable()) {
            idle_.push_back(std::move(connection));
        } else {
            useless = std::move(idle_);
            idle_.clear();
            useless.push_back(std::move(connection));
            open_ -= useless.size();
        }
    }
    freed_.notify_all();  // waiters differ in what they may take
}

bool Pool::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_ > 0;
}

}  // namespace godwit::store::postgres
