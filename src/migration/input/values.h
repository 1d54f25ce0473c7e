// Values that many systems write in their own ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "godwit/migration/v1/record.pb.h"

namespace godwit::migration {

/// A time in any of the forms exports have: RFC 3339, "2024-01-15 10:30:00.5+00" (SQL; without an offset it is UTC), a date alone, seconds
/// or milliseconds since 1970 in digits. Digits are seconds below 10^11, which is the year 5138, and milliseconds from there on.
std::optional<Time> read_time(std::string_view text);
Time from_epoch_millis(std::int64_t millis);

/// Into `created_at`; created_at.unreadable and `path` when there is a text that is no time.
void set_created_at(v1::UserRecord& record, std::string_view text, std::string_view path);
void set_time(google::protobuf::Timestamp& out, Time time);
/// Into the profile, in canonical form; locale.unreadable and `path` when it is no tag. "und" is nothing.
void set_language(v1::UserRecord& record, std::string_view tag, std::string_view path);

}  // namespace godwit::migration
