// How many records one transaction takes. Small writes wait for the transaction before them, so while there are any a transaction is short.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>

namespace godwit::migration {

class Pace {
public:
    using Clock = std::chrono::steady_clock;

    /// While small writes wait, a transaction lasts about this long, and for `kCrowded` after one was last seen to wait.
    static constexpr std::chrono::milliseconds kMark{100};
    static constexpr std::chrono::seconds kCrowded{2};
    /// And otherwise: followers of the log on PostgreSQL wait for the longest transaction.
    static constexpr std::chrono::milliseconds kLongest{1'500};
    /// A slower store is not made slower still by transactions of a few records.
    static constexpr std::size_t kLeast = 250;

    /// A small write waits. From any thread.
    void saw_waiting(Clock::time_point now) { crowded_until_ = (now + kCrowded).time_since_epoch().count(); }
    /// `records` took this long.
    void wrote(std::size_t records, std::chrono::duration<double, std::milli> took);
    /// Of the `left` records of a batch, how many the next transaction takes.
    std::size_t next(std::size_t left, Clock::time_point now) const;
    /// How many of those it writes before it looks whether it has to end there because a small write waits.
    std::size_t slice(std::size_t left) const { return std::min(left, fitting(kMark)); }

private:
    std::size_t fitting(std::chrono::milliseconds time) const;

    std::atomic<Clock::rep> crowded_until_ = 0;
    double records_per_milli_ = 10;
};

}  // namespace godwit::migration
