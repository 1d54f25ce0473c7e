// Comparison of secrets. `==` on them tells an attacker, by its time, how much was right.
#pragma once

#include <string_view>

#include "base/secret.h"

namespace godwit::crypto {

/// Time depends on the lengths only.
bool constant_time_equals(std::string_view a, std::string_view b);
inline bool constant_time_equals(const Secret& a, const Secret& b) { return constant_time_equals(a.reveal(), b.reveal()); }

}  // namespace godwit::crypto
