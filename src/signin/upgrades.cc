#include "base/log.h"
#include "signin/password_check.h"

namespace godwit::signin {
namespace {

constexpr std::size_t kMaxWaiting = 4096;

}  // namespace

Result<void> Upgrades::store_item(const Item& item) {
    if (!item.better) return passwords_.note_proof(item.instance, item.user, item.expected);
    TRY(passwords_.rehash(item.instance, item.user, item.expected, *item.better));
    return {};
}

Upgrades::Upgrades(user::Passwords& passwords) : passwords_(passwords), thread_([this] { run(); }) {}

Upgrades::~Upgrades() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Upgrades::add(Item item) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= kMaxWaiting) return;  // the next sign-in of this user tries again
        waiting_.push_back(std::move(item));
    }
    changed_.notify_all();
}

void Upgrades::flush() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && !busy_; });
}

void Upgrades::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const Item item = std::move(waiting_.front());
        waiting_.pop_front();
        busy_ = true;
        lock.unlock();
        const Result<void> done = store_item(item);
        if (!done) log::warn("a verified password could not be stored in its better form", {{"error", done.error().message}});
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

}  // namespace godwit::signin
