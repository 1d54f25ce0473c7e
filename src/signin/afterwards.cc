#include "signin/afterwards.h"

#include "base/log.h"

namespace godwit::signin {
namespace {

constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

Afterwards::Afterwards() : thread_([this] { run(); }) {}

Afterwards::~Afterwards() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Afterwards::add(Work work) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= kMaxWaiting) return;  // the next sign-in tries again
        waiting_.push_back(std::move(work));
    }
    changed_.notify_all();
}

void Afterwards::flush() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && !busy_; });
}

void Afterwards::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        busy_ = true;
        lock.unlock();
        if (const Result<void> done = work(); !done)
            log::warn("what follows a sign-in could not be stored", {{"error", done.error().message}});
        work = nullptr;
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

}  // namespace godwit::signin
