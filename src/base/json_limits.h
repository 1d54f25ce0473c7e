// What holds for every JSON text that is read.
#pragma once

#include <cstddef>

namespace godwit {

/// A text that is nested deeper is refused.
inline constexpr std::size_t kJsonDepth = 100;
/// Bytes behind a text that a reader without a copy of it may look at, whatever they hold.
inline constexpr std::size_t kJsonPadding = 64;

}  // namespace godwit
