#include "migration/pace.h"

#include <algorithm>

namespace godwit::migration {

void Pace::wrote(std::size_t records, std::chrono::duration<double, std::milli> took) {
    records_per_milli_ = static_cast<double>(records) / std::max(0.01, took.count());
}

std::size_t Pace::fitting(std::chrono::milliseconds time) const {
    return std::max(kLeast, static_cast<std::size_t>(records_per_milli_ * static_cast<double>(time.count())));
}

std::size_t Pace::next(std::size_t left, Clock::time_point now) const {
    const bool crowded = now.time_since_epoch().count() < crowded_until_;
    return std::min(left, fitting(crowded ? kMark : kLongest));
}

}  // namespace godwit::migration
