// Which threads have a processor first.
#pragma once

#include <chrono>

namespace godwit {

/// What lets short work go first, and still gets on when all cores are busy; as nice(1) counts.
inline constexpr int kLowPriority = 10;
/// What nobody waits for.
inline constexpr int kLowestPriority = 19;

/// Of this thread, and those that it starts from now on; Linux has it per thread. There is no way back without a privilege.
void lower_priority(int nice);

/// What a thread that answers in microseconds asks for, and which the system's own slice of milliseconds is.
inline constexpr std::chrono::microseconds kShortSlice{200};
inline constexpr std::chrono::microseconds kUsualSlice{0};

/// How long this thread runs at most before another has its turn; those that it starts from now on inherit it. Its share of the processor
/// stays the same: with a shorter slice it waits less for a core that others keep busy, and is interrupted sooner itself (EEVDF, Linux 6.12
/// and later; before, nothing changes). Costs nothing when the thread asked for the same before.
void set_slice(std::chrono::microseconds slice);

}  // namespace godwit
