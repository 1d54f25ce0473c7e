#include "base/lane.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/wiped_memory.h"

namespace godwit {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::array<std::string_view, kLanes> kNames = {"in_line", "read", "write", "bulk", "hash", "outgoing"};

std::size_t index(Lane lane) { return static_cast<std::size_t>(lane); }

thread_local std::optional<Lane> lane_of_thread;

/// The thread's name in ps and gdb; hashing gives way to everything that answers in microseconds.
void settle_in(Lane lane) {
    lane_of_thread = lane;
    pthread_setname_np(pthread_self(), std::string(to_string(lane)).c_str());
    if (lane == Lane::hash || lane == Lane::bulk) {
        constexpr int kLowPriority = 10;  // as nice(1) counts; Linux has it per thread
        setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kLowPriority);
    }
}

}  // namespace

std::string_view to_string(Lane lane) { return kNames[index(lane)]; }

Lanes::Limits Lanes::default_limits() {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    using namespace std::chrono_literals;
    Limits limits;
    limits[index(Lane::in_line)] = {.threads = 0, .queue = 0, .max_wait = 0ms};
    limits[index(Lane::read)] = {.threads = std::max<std::size_t>(4, 2 * cores), .queue = 4'096, .max_wait = 5'000ms};
    // Each writer waits for a commit that it shares with the others: more of them make larger groups, not more load.
    limits[index(Lane::write)] = {.threads = std::max<std::size_t>(64, 4 * cores), .queue = 4'096, .max_wait = 10'000ms};
    limits[index(Lane::bulk)] = {.threads = 4, .queue = 32, .max_wait = 60'000ms};
    limits[index(Lane::hash)] = {.threads = cores, .queue = 1'024, .max_wait = 15'000ms};
    limits[index(Lane::outgoing)] = {.threads = 64, .queue = 512, .max_wait = 10'000ms};
    return limits;
}

/// Threads are started when there is work and nobody idle, so that an unused lane costs nothing.
class Lanes::Pool {
public:
    Pool(Lane lane, const LaneLimits& limits) : lane_(lane), limits_(limits) {}

    ~Pool() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        work_.notify_all();
        overdue_.notify_all();
        for (auto& thread : threads_) thread.join();
        if (watcher_.joinable()) watcher_.join();
    }

    bool run(std::move_only_function<void()>&& job, std::move_only_function<void()>&& dropped) {
        const std::scoped_lock lock(mutex_);
        // A job for which a thread is idle, or can be started, does not wait: only those behind it count as queued.
        const std::size_t free = idle_ + (limits_.threads - threads_.size());
        if (stopping_ || queue_.size() >= free + limits_.queue) return false;
        queue_.push_back({std::move(job), std::move(dropped), SteadyClock::now() + limits_.max_wait});
        if (queue_.size() <= idle_) {
            work_.notify_one();
        } else if (threads_.size() < limits_.threads) {
            ++idle_;  // from now on: its first job is as good as taken
            threads_.emplace_back([this] { serve(); });
        } else if (queue_.size() == idle_ + 1) {
            watch_queue();
        }
        return true;
    }

    Load load() const {
        const std::scoped_lock lock(mutex_);
        return {queue_.size(), threads_.size() - idle_};
    }

private:
    struct Job {
        std::move_only_function<void()> run, dropped;
        SteadyClock::time_point deadline;
    };

    void serve() {
        settle_in(lane_);
        std::unique_lock lock(mutex_);
        for (;;) {
            work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            --idle_;
            while (!stopping_ && !queue_.empty()) {
                Job job = std::move(queue_.front());
                queue_.pop_front();
                const bool late = SteadyClock::now() > job.deadline;
                lock.unlock();
                (late ? job.dropped : job.run)();
                job = {};                               // what the job holds is released outside the lock
                if (lane_ != Lane::read) wipe_stack();  // these take passwords and make secrets
                lock.lock();
            }
            ++idle_;
            if (stopping_) return;
        }
    }

    /// Drops overdue jobs while every thread is busy with long ones. Called with the lock held, when a job has to wait.
    void watch_queue() {
        if (!watcher_.joinable()) watcher_ = std::thread([this] { drop_overdue(); });
        overdue_.notify_one();
    }

    void drop_overdue() {
        pthread_setname_np(pthread_self(), "lane-overdue");
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (queue_.empty()) {
                overdue_.wait(lock);
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
    std::condition_variable work_, overdue_;
    std::deque<Job> queue_;
    std::size_t idle_ = 0;
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

std::optional<Lane> Lanes::here() { return lane_of_thread; }

Lanes::Load Lanes::load(Lane lane) const {
    const auto& pool = pools_[index(lane)];
    return pool ? pool->load() : Load{0, 0};
}

}  // namespace godwit
