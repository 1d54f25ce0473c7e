// The word that was most likely meant, for "did you mean".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace godwit {

/// Characters to add, take out or replace until one text is the other, whatever the case of ASCII letters (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Of `words` the one most like `word`: at most a third of it differs, and no more than three characters. "" when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

/// `; did you mean "dryRun"?`, or nothing when no word is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> words);

/// The same, and where no word is near `; there are: limit, offset`, as long as they are few enough to read (20).
std::string did_you_mean_or_list(std::string_view word, std::span<const std::string_view> words);

}  // namespace godwit
