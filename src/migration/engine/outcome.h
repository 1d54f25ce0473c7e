// What may become of a record.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace godwit::migration {

/// Numbers of external_refs.outcome and migration_issues.outcome.
enum class Outcome : std::int8_t { none = 0, created = 1, updated = 2, skipped = 3, partial = 4, failed = 5 };

constexpr std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 6> kNames{"", "created", "updated", "skipped", "partial", "failed"};
    return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace godwit::migration
