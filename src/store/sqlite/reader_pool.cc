#include "store/sqlite/reader_pool.h"

#include <chrono>

#include "base/lane.h"
#include "base/work_limit.h"
#include "store/sqlite/transaction.h"

namespace godwit::store::sqlite {
namespace {

using namespace std::chrono_literals;
constexpr auto kMaxWait = 5s;
constexpr auto kMaxRead = 30s;

}  // namespace

ReaderPool::ReaderPool(ConnectionOptions options, std::size_t size) : options_(std::move(options)), size_(size) {}

Result<std::unique_ptr<Connection>> ReaderPool::acquire() {
    std::unique_lock lock(mutex_);
    const auto free = [&] { return !idle_.empty() || open_ < size_; };
    if (!free()) {
        const Lanes::Waiting in_line;
        if (!freed_.wait_until(lock, within_work_limit(std::chrono::steady_clock::now() + kMaxWait), free)) {
            TRY(work_wanted());
            return fail(Code::unavailable, "STORE-readers", "too many reads wait for the database; try again");
        }
    }
    if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
    }
    ++open_;
    lock.unlock();
    auto opened = Connection::open(options_);
    if (!opened) {
        lock.lock();
        --open_;
        lock.unlock();
        freed_.notify_one();
        return fail(Code::unavailable, "STORE-open", opened.error().message);
    }
    return opened;
}

void ReaderPool::release(std::unique_ptr<Connection> connection) {
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
}

Result<void> ReaderPool::run(const std::function<Result<void>(Reader&)>& fn) {
    TRY(work_wanted());
    auto connection = TRY(acquire());
    connection->set_deadline(within_work_limit(std::chrono::steady_clock::now() + kMaxRead));
    auto outcome = connection->run("BEGIN");
    if (outcome) {
        SqliteReader reader(*connection);
        outcome = fn(reader);
        connection->set_deadline(std::nullopt);
        if (connection->in_transaction()) {
            if (auto ended = connection->run("COMMIT"); !ended && outcome) outcome = ended;
        }
    }
    release(std::move(connection));
    return outcome;
}

}  // namespace godwit::store::sqlite
