// How long the work that a thread does is wanted: until a deadline, and as long as somebody waits for it. Whoever takes a call sets
// it; what may take long further down (waits for the database and for the memory of a hash, long queries) asks, without each
// function between them handing it on.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "base/result.h"

namespace godwit {

class WorkLimit {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// Holds for this thread until it goes out of scope; one inside another replaces it meanwhile. `cancelled` is asked from any
    /// thread, and outlives this.
    WorkLimit(std::optional<TimePoint> deadline, const std::function<bool()>& cancelled);
    ~WorkLimit();
    WorkLimit(const WorkLimit&) = delete;
    WorkLimit& operator=(const WorkLimit&) = delete;

    /// Of this thread; nullptr: no limit. For a thread that works for another one, which waits for it.
    static const WorkLimit* current();

    /// deadline_exceeded or cancelled once the work is not wanted any more.
    Result<void> check() const;
    const std::optional<TimePoint>& deadline() const { return deadline_; }

private:
    const std::optional<TimePoint> deadline_;
    const std::function<bool()>& cancelled_;
    const WorkLimit* const outer_;
};

/// check() of this thread's limit; ok without one.
Result<void> work_wanted();
/// `latest`, or the deadline of this thread's work if that is earlier: how long to wait for something.
WorkLimit::TimePoint within_work_limit(WorkLimit::TimePoint latest);

}  // namespace godwit
