#include "migration/pace.h"

namespace godwit::migration {

void Pace::wrote(std::size_t records, std::chrono::duration<double, std::milli> took) {
    records_per_milli_ = static_cast<double>(records) / std::max(0.01, took.count());
}

std::size_t Pace::fitting(std::chrono::milliseconds time) const {
    return std::max(kLeast, static_cast<std::size_t>(records_per_milli_ * static_cast<double>(time.count())));
}

}  // namespace godwit::migration
