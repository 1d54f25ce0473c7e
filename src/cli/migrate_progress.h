// How far a run is: a bar that is written over where a person looks, a line now and then elsewhere. On standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "godwit/migration/v1/migration.pb.h"

namespace godwit::cli {

class MigrateProgress {
public:
    /// `total_bytes` of the source; `before` records were taken by an earlier run.
    MigrateProgress(std::uint64_t total_bytes, std::uint64_t before);
    ~MigrateProgress();

    void show(const migration::v1::Counters& counters, std::uint64_t source_bytes);
    /// After the rows of an initial load, `built` from 1; the first and the last are always said.
    void show_indexes(std::size_t built, std::size_t of);

private:
    using Clock = std::chrono::steady_clock;
    std::string line(const migration::v1::Counters& counters, std::uint64_t source_bytes) const;
    void say(const std::string& line);

    const std::uint64_t total_bytes_, before_;
    const bool person_;
    const Clock::time_point begun_ = Clock::now();
    Clock::time_point said_{};
    std::uint64_t reached_ = 0;
    bool shown_ = false;
    std::string unsaid_;  ///< the last line, where it came too soon after another
};

/// "1000 records: 990 created, 7 partial, 3 failed"
std::string summary_of(const migration::v1::Counters& counters);

}  // namespace godwit::cli
