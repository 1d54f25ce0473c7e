#include "base/lane.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread_priority.h"
#include "base/wiped_memory.h"

namespace godwit {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::array<std::string_view, kLanes> kNames = {"in_line", "read", "write", "bulk", "hash", "outgoing"};

std::size_t index(Lane lane) { return static_cast<std::size_t>(lane); }

thread_local std::optional<Lane> lane_of_thread;
thread_local Lanes::Pool* pool_of_thread = nullptr;

/// The thread's name in ps and gdb; what takes long gives way to everything that answers in microseconds.
void settle_in(Lane lane, Lanes::Pool* pool) {
    lane_of_thread = lane;
    pool_of_thread = pool;
    pthread_setname_np(pthread_self(), std::string(to_string(lane)).c_str());
    if (lane == Lane::hash || lane == Lane::bulk) lower_priority(kLowPriority);
    // Who has hashed goes on to a commit, and waits for a core when that is done.
    set_slice(lane == Lane::bulk ? kUsualSlice : kShortSlice);
}

}  // namespace

std::string_view to_string(Lane lane) { return kNames[index(lane)]; }

Lanes::Limits Lanes::default_limits() {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    using namespace std::chrono_literals;
    Limits limits;
    limits[index(Lane::in_line)] = {.threads = 0, .queue = 0, .max_wait = 0ms};
    const std::size_t active = cores + 1;
    limits[index(Lane::read)] = {.threads = std::max<std::size_t>(16, 4 * cores), .active = active, .queue = 4'096, .max_wait = 5'000ms};
    // Each writer waits for a commit that it shares with the others: more of them make larger groups, not more load.
    limits[index(Lane::write)] = {.threads = std::max<std::size_t>(64, 4 * cores), .active = active, .queue = 4'096, .max_wait = 10'000ms};
    limits[index(Lane::bulk)] = {.threads = 4, .queue = 32, .max_wait = 60'000ms};
    limits[index(Lane::hash)] = {.threads = 4 * cores, .active = cores, .queue = 1'024, .max_wait = 15'000ms};
    limits[index(Lane::outgoing)] = {.threads = 64, .queue = 512, .max_wait = 10'000ms};
    return limits;
}

/// Threads are started when there is work and none is parked, so that an unused lane costs nothing.
class Lanes::Pool {
public:
    Pool(Lane lane, const LaneLimits& limits) : lane_(lane), limits_(limits) {}

    ~Pool() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            for (Parked* thread : parked_) thread->wake.notify_one();
        }
        overdue_.notify_all();
        for (auto& thread : threads_) thread.join();
        if (watcher_.joinable()) watcher_.join();
    }

    bool run(std::move_only_function<void()>&& job, std::move_only_function<void()>&& dropped) {
        const std::scoped_lock lock(mutex_);
        // A job that finds a thread does not wait: only those behind it count as queued.
        if (stopping_ || (!thread_free() && queue_.size() >= called_ + limits_.queue)) return false;
        queue_.push_back({std::move(job), std::move(dropped), SteadyClock::now() + limits_.max_wait});
        if (thread_free()) {
            call_thread();
        } else {
            watch_queue();
        }
        return true;
    }

    Load load() const {
        const std::scoped_lock lock(mutex_);
        return {queue_.size(), threads_.size() - parked_.size()};
    }

    /// The calling thread waits for something: another takes its place.
    void step_aside() {
        const std::scoped_lock lock(mutex_);
        --active_;
        if (queue_.size() > called_ && thread_free()) call_thread();
    }

    /// It goes on at once, as one too many at times: somebody waits for its answer, and it has the store's results in hand.
    void step_back() {
        const std::scoped_lock lock(mutex_);
        ++active_;
    }

private:
    struct Job {
        std::move_only_function<void()> run, dropped;
        SteadyClock::time_point deadline;
    };

    /// A thread that waits to be called.
    struct Parked {
        std::condition_variable wake;
        bool called = false;
    };

    // All of these with the lock held.

    bool thread_free() const { return active_ < limits_.active && (!parked_.empty() || threads_.size() < limits_.threads); }

    /// A thread that is called is active from now on: its first job is as good as taken.
    void call_thread() {
        ++active_;
        ++called_;
        if (!parked_.empty()) {
            // The one that parked last: its stack is still in the processor's cache.
            Parked* const thread = parked_.back();
            parked_.pop_back();
            thread->called = true;
            thread->wake.notify_one();
        } else {
            threads_.emplace_back([this] { serve(); });
        }
    }

    void serve() {
        settle_in(lane_, this);
        std::unique_lock lock(mutex_);
        for (Parked self{.wake = {}, .called = true};;) {  // it was started because there is work
            self.wake.wait(lock, [&] { return stopping_ || self.called; });
            if (stopping_) return;
            self.called = false;
            --called_;
            // Those that came back from waiting may have made one too many of it.
            while (!stopping_ && !queue_.empty() && active_ <= limits_.active) {
                Job job = std::move(queue_.front());
                queue_.pop_front();
                const bool late = SteadyClock::now() > job.deadline;
                lock.unlock();
                (late ? job.dropped : job.run)();
                job = {};                               // what the job holds is released outside the lock
                if (lane_ != Lane::read) wipe_stack();  // these take passwords and make secrets
                lock.lock();
            }
            --active_;
            parked_.push_back(&self);
        }
    }

    /// Drops overdue jobs while every thread is busy with long ones. For when a job has to wait.
    void watch_queue() {
        if (watching_) return;
        watching_ = true;
        if (!watcher_.joinable()) watcher_ = std::thread([this] { drop_overdue(); });
        overdue_.notify_one();
    }

    void drop_overdue() {
        pthread_setname_np(pthread_self(), "lane-overdue");
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (queue_.empty()) {
                watching_ = false;
                overdue_.wait(lock, [this] { return stopping_ || watching_; });
            } else if (SteadyClock::now() <= queue_.front().deadline) {
                // One wait for all jobs of a lane: the front is always the oldest.
                overdue_.wait_until(lock, queue_.front().deadline + std::chrono::milliseconds(1));
            } else {
                Job job = std::move(queue_.front());
                queue_.pop_front();
                lock.unlock();
                job.dropped();
                job = {};
                lock.lock();
            }
        }
    }

    const Lane lane_;
    const LaneLimits limits_;
    mutable std::mutex mutex_;
    std::condition_variable overdue_;
    std::deque<Job> queue_;
    std::vector<Parked*> parked_;
    std::size_t called_ = 0;  ///< threads that are on their way to a job
    std::size_t active_ = 0;  ///< threads at work, or called; not those that are Waiting
    bool watching_ = false;   ///< the watcher knows of a job that waits
    bool stopping_ = false;
    std::vector<std::thread> threads_;
    std::thread watcher_;
};

Lanes::Lanes(const Limits& limits) {
    const Limits defaults = default_limits();
    for (std::size_t i = 0; i < kLanes; ++i) {
        if (i == index(Lane::in_line)) continue;
        LaneLimits mine = limits[i];
        if (mine.threads == 0) mine.threads = defaults[i].threads;
        if (mine.active == 0) mine.active = mine.threads;
        pools_[i] = std::make_unique<Pool>(static_cast<Lane>(i), mine);
    }
}

Lanes::~Lanes() = default;

bool Lanes::run(Lane lane, std::move_only_function<void()> job, std::move_only_function<void()> dropped) {
    const auto& pool = pools_[index(lane)];
    if (!pool) {
        job();
        return true;
    }
    return pool->run(std::move(job), std::move(dropped));
}

Lanes::Waiting::Waiting() : pool_(pool_of_thread) {
    if (pool_) pool_->step_aside();
}

Lanes::Waiting::~Waiting() {
    if (pool_) pool_->step_back();
}

std::optional<Lane> Lanes::here() { return lane_of_thread; }

Lanes::Load Lanes::load(Lane lane) const {
    const auto& pool = pools_[index(lane)];
    return pool ? pool->load() : Load{0, 0};
}

}  // namespace godwit
