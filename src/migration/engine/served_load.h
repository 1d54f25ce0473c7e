// Initial loads (store/initial_load.h) of a process that serves meanwhile: as long as a large job fills a database that is nearly empty,
// the orders and searches of users have no indexes, and scan. What sign-ins, gates, unique names and the matching of jobs need stays, so
// nothing else works otherwise than before, nor need anyone know. docs/data-model.md, "Initial load".
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/result.h"

namespace godwit::store {
class Store;
}

namespace godwit::migration {

/// One of the process: its runs have at most one load at a time. On the embedded store only; a PostgreSQL may be other nodes' too.
class ServedLoads {
public:
    /// What whoever builds indexes hears, and is asked.
    struct Hooks {
        std::function<void(std::size_t built, std::size_t of)> on_index;
        std::function<bool()> ending;  ///< true: the process ends; what is missing is the next start's
    };
    struct Limits {
        std::uint64_t many = 10'000;                 ///< users a run writes with all indexes before it is known that more come
        std::chrono::milliseconds slow{30'000};      ///< so many in more time than this are not worth it
        std::chrono::milliseconds patience{60'000};  ///< after which the building that failed (a full disk) is tried again
    };

    ServedLoads() : ServedLoads(Limits()) {}
    explicit ServedLoads(const Limits& limits) : limits_(limits) {}
    /// Waits for the index that is being built, and leaves the rest to the next start.
    ~ServedLoads();
    ServedLoads(const ServedLoads&) = delete;
    ServedLoads& operator=(const ServedLoads&) = delete;

    /// False: another run has one, or an earlier one could not be ended yet.
    Result<bool> begin(store::Store& store);
    /// Builds the indexes, one commit each; other writers have their turn between them. An error (a full disk) is logged, and it is tried
    /// again behind the scenes while this lives: nothing but searches waits for them.
    void end(store::Store& store, const Hooks& hooks);

    /// The index of e-mail addresses is there when this returns, and no load leaves it out as long as what it answers lives: for runs that
    /// match by it, whose look-ups in write transactions would read all users.
    Result<std::shared_ptr<void>> need_emails(store::Store& store);

    const Limits& limits() const { return limits_; }

private:
    void keep_trying(store::Store& store, const std::stop_token& stop);

    const Limits limits_;
    std::mutex mutex_;
    bool open_ = false;
    std::atomic<std::size_t> need_emails_ = 0;  ///< grows with the mutex held
    std::condition_variable_any wake_;
    std::jthread again_;
};

/// A run's part in it.
class ServedLoad {
public:
    using Clock = std::chrono::steady_clock;

    /// `loads` may be null: never.
    ServedLoad(ServedLoads* loads, store::Store& store, ServedLoads::Hooks hooks = {})
        : loads_(loads), store_(store), hooks_(std::move(hooks)) {}

    /// To be asked before each batch, and now and then while none comes. Begins a load once the run has brought many users, and fast, while
    /// nearly nobody but the job's own is in the database; ends it when they come so slowly that every index may as well be kept up.
    /// `of_job`: users the job has brought so far, `of_run` of them this run. Whatever fails is logged, and the run goes on without.
    void consider(std::uint64_t of_job, std::uint64_t of_run, Clock::time_point now);
    bool open() const { return open_; }
    /// When the run ends, whatever the reason.
    void end();

private:
    void measure(std::uint64_t of_run, Clock::time_point now);
    void begin(std::uint64_t of_job);
    Result<bool> try_begin(std::uint64_t of_job);

    ServedLoads* loads_;
    store::Store& store_;
    const ServedLoads::Hooks hooks_;
    bool open_ = false;
    std::uint64_t ended_at_ = 0;  ///< users of this run when the last load ended
    std::uint64_t brought_ = 0;
    // The speed is looked at anew whenever many have come.
    std::uint64_t mark_ = 0;
    Clock::time_point marked_{};
    bool fast_ = false;
};

}  // namespace godwit::migration
