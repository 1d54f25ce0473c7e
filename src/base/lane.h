// Where work waits and runs. Every route and RPC declares its lane; each lane is a bounded pool of threads with a
// bounded queue, so that a storm in one (password hashing, bulk imports) never starves another.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace godwit {

enum class Lane {
    in_line,   ///< on the I/O thread itself: only for what never blocks (discovery, keys, health)
    read,      ///< short reads of the store
    write,     ///< short writes: waits for a commit
    bulk,      ///< imports, exports: minutes, streams
    hash,      ///< password hashing: one a core, low priority
    outgoing,  ///< waits for other servers
};
inline constexpr std::size_t kLanes = 6;
std::string_view to_string(Lane lane);

/// What one lane holds. `threads` 0 means the default for the machine's cores.
struct LaneLimits {
    std::size_t threads = 0;
    std::size_t active = 0;                     ///< threads that work at a time, those that are Waiting left out; 0: all
    std::size_t queue = 0;                      ///< jobs waiting; one more is refused
    std::chrono::milliseconds max_wait{5'000};  ///< a job that waited longer is dropped unrun
};

class Lanes {
public:
    class Pool;
    using Limits = std::array<LaneLimits, kLanes>;  ///< indexed by Lane
    static Limits default_limits();

    explicit Lanes(const Limits& limits);
    ~Lanes();  ///< runs nothing more; waits for what is running
    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    /// Runs `job` on the lane's pool. False when its queue is full (answer 503/429 with Retry-After): then neither is called.
    /// `dropped` is called instead of `job`, on some thread of the pool, as soon as it has waited longer than max_wait, also while
    /// every thread is busy. Neither may throw. Lane::in_line runs the job at once, here.
    bool run(Lane lane, std::move_only_function<void()> job, std::move_only_function<void()> dropped);

    struct Load {
        std::size_t queued;   ///< waiting for a thread
        std::size_t running;  ///< threads at work, or waiting for what their work has asked for
    };
    Load load(Lane lane) const;

    /// The lane whose thread is asking; nullopt on any other thread.
    static std::optional<Lane> here();

    /// While it lives the calling thread, if it is one of a lane, waits for something else than a processor (a commit, another server):
    /// the next job may have its place. More threads at work than cores only take turns, and the store's locks, from each other.
    class Waiting {
    public:
        Waiting();
        ~Waiting();
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;

    private:
        Pool* const pool_;
    };

private:
    std::array<std::unique_ptr<Pool>, kLanes> pools_;
};

}  // namespace godwit
