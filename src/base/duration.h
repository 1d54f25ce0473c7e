// Durations as Go writes them, which is how files and requests of the contract say them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace godwit {

/// "10m", "1h30m", "0.5h", "500ms", "0": numbers with the units ns, us (µs), ms, s, m, h, in any order. nullopt when malformed, negative
/// or over 100 years. Rounded to microseconds. (Go's time.ParseDuration also takes a sign.)
std::optional<std::chrono::microseconds> parse_go_duration(std::string_view text);

}  // namespace godwit
