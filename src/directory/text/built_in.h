// The words that Godwit itself brings along.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "directory/text/words.h"

namespace godwit::text {

/// What a set of texts is for; names it in the database too.
enum class Kind { login };

/// The languages with built-in words; the first is English, which is whole and stands in for all others.
std::span<const std::string> built_in_languages();

/// The words of a language; English for one without. Each language has every key of English (a test sees to it).
const Words& built_in(Kind kind, std::string_view language);

}  // namespace godwit::text
