// How far ahead of the clock the owner of a node number stores its mark (base/id_generator.h), so that neither a clock stepping back nor
// a crash can repeat an id.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace godwit::store::schema {

inline constexpr std::chrono::seconds kIdMarkEvery{10};

/// The mark to store next. `used`: the mark stored before, or the youngest id. When the clock is behind `used`, ids go on from there, and
/// ten seconds hold 20 million of them.
inline Time next_id_mark(Time now, Time used) { return std::max(now + std::chrono::seconds(60), used + kIdMarkEvery); }

}  // namespace godwit::store::schema
