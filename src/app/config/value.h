// One configuration value: read from text, written back, described. No YAML here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/config.h"
#include "base/result.h"

namespace godwit::config {

/// The member of a Config that a key fills.
using Target = std::variant<std::string*, Secret*, bool*, std::int64_t*, std::uint16_t*, Duration*, Bytes*, std::vector<std::string>*,
                            std::optional<Time>*>;

/// "text", "number", "duration" … as the documentation calls it.
std::string_view type_name(const Target& target);

/// Reads `text` into the target; lists are separated by commas. The error is what was expected ("a whole number"), without the
/// text itself, which may be a secret. The target stays as it is on an error.
Result<void> read_value(const Target& target, std::string_view text);

/// For lists only: the elements.
Result<void> read_list(const Target& target, std::vector<std::string> elements);

/// As YAML, in one line; a secret that is not empty as "********".
std::string write_value(const Target& target);

/// A duration as Go writes and reads it: "1h30m", "0.25h", "500ms", "0". nullopt when malformed, negative or over 100 years.
std::optional<Duration> parse_duration(std::string_view text);
/// "240h", "1h30m", "0s".
std::string write_duration(Duration duration);

/// "65536", "64KiB", "4 GiB" (binary units, any case, the "iB" may be left out).
std::optional<Bytes> parse_bytes(std::string_view text);
std::string write_bytes(Bytes bytes);

}  // namespace godwit::config
