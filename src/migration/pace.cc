#include "migration/pace.h"

#include <algorithm>

namespace godwit::migration {

void Pace::wrote(std::size_t records, std::chrono::duration<double, std::milli> took) {
    records_per_milli_ = static_cast<double>(records) / std::max(0.01, took.count());
}

std::size_t Pace::next(std::size_t left, Clock::time_point now) const {
    const bool crowded = now.time_since_epoch().count() < crowded_until_;
    const auto fits = static_cast<std::size_t>(records_per_milli_ * static_cast<double>((crowded ? kMark : kLongest).count()));
    return std::min(left, std::max(kLeast, fits));
}

}  // namespace godwit::migration
