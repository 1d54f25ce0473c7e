// How many records one transaction takes. Small writes wait for the transaction before them, so while there are any it ends early.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace godwit::migration {

class Pace {
public:
    using Clock = std::chrono::steady_clock;

    /// So often a transaction looks whether small writes wait, and then ends. It is not kept short for fear of the next one: what many
    /// records have in common, the pages of the indexes above all, is then written by each of many transactions.
    static constexpr std::chrono::milliseconds kMark{100};
    /// So long one lasts otherwise: followers of the log on PostgreSQL wait for the longest transaction.
    static constexpr std::chrono::milliseconds kLongest{1'500};
    /// A slower store is not made slower still by transactions of a few records.
    static constexpr std::size_t kLeast = 250;

    /// `records` took this long.
    void wrote(std::size_t records, std::chrono::duration<double, std::milli> took);
    /// Of the `left` records of a batch, how many the next transaction takes at most.
    std::size_t next(std::size_t left) const { return std::min(left, fitting(kLongest)); }
    /// How many of those it writes before it looks whether it has to end there because a small write waits.
    std::size_t slice(std::size_t left) const { return std::min(left, fitting(kMark)); }

private:
    std::size_t fitting(std::chrono::milliseconds time) const;

    double records_per_milli_ = 10;
};

}  // namespace godwit::migration
