// One thread prepares, another takes: at most one thing lies between them, so that the first is one step ahead and no more.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace godwit::migration {

template <class T>
class Handoff {
public:
    /// Waits until there is room, and calls `meanwhile` each `interval`. False when nobody takes any more: stop preparing.
    template <class Fn>
    bool put(T value, std::chrono::milliseconds interval, Fn meanwhile) {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, interval, [&] { return !value_ || closed_; })) unlocked(lock, meanwhile);
        if (closed_) return false;
        value_ = std::move(value);
        changed_.notify_all();
        return true;
    }
    bool put(T value) {
        return put(std::move(value), std::chrono::hours(1), [] {});
    }
    /// Waits for the next, and calls `meanwhile` each `interval`; nullopt after the last.
    template <class Fn>
    std::optional<T> take(std::chrono::milliseconds interval, Fn meanwhile) {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, interval, [&] { return value_ || ended_ || closed_; })) unlocked(lock, meanwhile);
        std::optional<T> out = std::exchange(value_, std::nullopt);
        changed_.notify_all();
        return out;
    }
    std::optional<T> take() {
        return take(std::chrono::hours(1), [] {});
    }
    /// By who prepares: there is no more.
    void end() { set(ended_); }
    /// By who takes: nothing more is wanted.
    void close() { set(closed_); }

private:
    /// It may take its time, and the other thread goes on.
    template <class Fn>
    static void unlocked(std::unique_lock<std::mutex>& lock, Fn& fn) {
        lock.unlock();
        fn();
        lock.lock();
    }
    void set(bool& flag) {
        const std::lock_guard lock(mutex_);
        flag = true;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<T> value_;
    bool ended_ = false, closed_ = false;
};

}  // namespace godwit::migration
