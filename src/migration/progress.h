// How far long work is, said in the log now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace godwit::migration {

class Progress {
public:
    /// `what` begins every line: "import". Says that it begins.
    Progress(std::string what, std::uint64_t total);

    /// `done` more of the total. A line at most every ten seconds.
    void add(std::uint64_t done);
    void add_errors(std::uint64_t errors) { errors_ += errors; }
    /// The last line: how it ended ("finished", "timed out").
    void finish(std::string_view how);

    std::uint64_t done() const { return done_; }
    std::uint64_t total() const { return total_; }

private:
    using SteadyClock = std::chrono::steady_clock;
    void say(std::string_view how);

    const std::string what_;
    const std::uint64_t total_;
    std::uint64_t done_ = 0, errors_ = 0;
    const SteadyClock::time_point begun_ = SteadyClock::now();
    SteadyClock::time_point said_ = begun_;
};

}  // namespace godwit::migration
