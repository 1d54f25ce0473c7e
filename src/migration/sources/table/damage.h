// What spreadsheets do to values on their way through.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit::migration {

/// The code of what happened to a value, as far as it shows by itself: sheet.error_value, sheet.rounded_number, sheet.truncated,
/// sheet.date_rewritten, sheet.wrong_encoding.
std::optional<std::string_view> find_damage(std::string_view value);

/// "41791234567" is "+41791234567" again; nullopt when no plus was lost, or nobody can say.
std::optional<std::string> with_lost_plus(std::string_view phone);

}  // namespace godwit::migration
