#include "base/work_limit.h"

#include <algorithm>

namespace godwit {
namespace {

thread_local const WorkLimit* current_limit = nullptr;

}  // namespace

WorkLimit::WorkLimit(std::optional<TimePoint> deadline, const std::function<bool()>& cancelled)
    : deadline_(deadline), cancelled_(cancelled), outer_(current_limit) {
    current_limit = this;
}

WorkLimit::~WorkLimit() { current_limit = outer_; }

const WorkLimit* WorkLimit::current() { return current_limit; }

Result<void> WorkLimit::check() const {
    if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) {
        return fail(Code::deadline_exceeded, "", "the deadline passed before the call was done");
    }
    if (cancelled_()) return fail(Code::cancelled, "", "the client has gone");
    return {};
}

Result<void> work_wanted() { return current_limit ? current_limit->check() : Result<void>{}; }

WorkLimit::TimePoint within_work_limit(WorkLimit::TimePoint latest) {
    return current_limit && current_limit->deadline() ? std::min(latest, *current_limit->deadline()) : latest;
}

}  // namespace godwit
