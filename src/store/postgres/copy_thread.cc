#include "store/postgres/copy_thread.h"

#include <utility>

#include "base/lane.h"

namespace godwit::store::postgres {
namespace {

/// The server is a table or two behind, and no more is held in memory for it.
constexpr std::size_t kMostBytes = 4 << 20;

}  // namespace

CopyThread::CopyThread(std::function<bool(const Stream&)> send) : send_(std::move(send)), thread_([this] { loop(); }) {}

CopyThread::~CopyThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool CopyThread::has_room(std::optional<std::chrono::milliseconds> patience) {
    std::unique_lock lock(mutex_);
    const auto room = [&] { return failed_ || bytes_ < kMostBytes; };
    if (room()) return true;
    const Lanes::Waiting waiting;
    if (patience) return changed_.wait_for(lock, *patience, room);
    changed_.wait(lock, room);
    return true;
}

bool CopyThread::add(Stream stream) {
    has_room(std::nullopt);
    const std::lock_guard lock(mutex_);
    if (failed_) return false;
    bytes_ += stream.data.size();
    queue_.push_back(std::move(stream));
    changed_.notify_all();
    return true;
}

bool CopyThread::drained(std::optional<std::chrono::milliseconds> patience) {
    const Lanes::Waiting waiting;
    std::unique_lock lock(mutex_);
    if (!patience) changed_.wait(lock, [&] { return idle(); });
    if (patience && !changed_.wait_for(lock, *patience, [&] { return idle(); })) return false;
    failed_ = false;
    return true;
}

void CopyThread::loop() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        const Stream stream = std::move(queue_.front());
        queue_.pop_front();
        sending_ = true;
        lock.unlock();
        const bool sent = send_(stream);
        lock.lock();
        sending_ = false;
        bytes_ -= stream.data.size();
        if (!sent) {
            failed_ = true;
            queue_.clear();
            bytes_ = 0;
        }
        changed_.notify_all();
    }
}

}  // namespace godwit::store::postgres
