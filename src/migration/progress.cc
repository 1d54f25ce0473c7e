#include "migration/progress.h"

#include <utility>

#include "base/log.h"

namespace godwit::migration {

Progress::Progress(std::string what, std::uint64_t total) : what_(std::move(what)), total_(total) { say("begins"); }

void Progress::add(std::uint64_t done) {
    done_ += done;
    if (SteadyClock::now() - said_ >= std::chrono::seconds(10)) say("goes on");
}

void Progress::finish(std::string_view how) { say(how); }

void Progress::say(std::string_view how) {
    said_ = SteadyClock::now();
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(said_ - begun_).count();
    log::info(what_ + " " + std::string(how), {{"done", done_},
                                               {"total", total_},
                                               {"errors", errors_},
                                               {"ms", millis},
                                               {"per_second", millis ? done_ * 1000 / static_cast<std::uint64_t>(millis) : 0}});
}

}  // namespace godwit::migration
