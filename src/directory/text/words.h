// Words by their key, and their JSON: of the built-in files, of a stored row, of an event.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::text {

/// "login_text.title" → "Welcome back". Never an empty text: what is not said is not there.
using Words = std::map<std::string, std::string, std::less<>>;

/// {"login_text": {"title": "…"}, "error_locked": "…"}: members of an inner object are joined by a dot; members with a dot in their name
/// are taken as they are. nullopt for anything else than texts in objects in an object.
std::optional<Words> read_words(std::string_view json);

/// One flat object.
std::string write_words(const Words& words);

/// The language that a tag names, for texts do not differ by region: "de-CH" → "de". nullopt for what is no tag (RFC 5646: two or three
/// letters, then subtags of letters and digits).
std::optional<std::string> language_of(std::string_view tag);

}  // namespace godwit::text
