// The parameters ?1, ?2 … of a portable statement.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::store::schema {

struct Parameters {
    int highest = 0;           ///< the largest number named
    bool names_first = false;  ///< ?1, the instance, is among them
};

/// Looks past quoted text and comments. A "?" without a number aborts: a programmer's bug.
Parameters find_parameters(std::string_view sql);

/// The same statement with $1, $2 …
std::string with_dollar_parameters(std::string_view sql);

/// Aborts, saying why, when the statement cannot have been meant: without ?1 inside an instance's scope, or with another number of
/// parameters than `given` (the instance not counted).
void check_parameters(std::string_view sql, Parameters found, bool scoped, std::size_t given);

/// Logs and aborts.
[[noreturn]] void programming_error(std::string_view what, std::string_view sql);

/// Text that both engines can keep: well-formed UTF-8 without NUL.
bool is_storable_text(std::string_view text);

}  // namespace godwit::store::schema
