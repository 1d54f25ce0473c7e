// Text of any language: validity, case folding for keys, and the checks that names need (ICU).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

/// Well-formed UTF-8 (no surrogates, nothing overlong, nothing above U+10FFFF).
bool is_valid_utf8(std::string_view text);

/// The key two names are compared by: Unicode's NFKC_Casefold. Case, composition, compatibility forms and default-ignorable
/// characters do not matter; white space does. May be empty for text that is not. Ill-formed bytes become U+FFFD.
std::string fold(std::string_view text);

/// Characters, as the contract counts lengths. Each ill-formed byte sequence counts as one.
std::size_t code_points(std::string_view text);

/// White space by Unicode's White_Space property at either end.
bool has_outer_whitespace(std::string_view text);

/// Without Unicode white space at either end; a view into `text`.
std::string_view trim_unicode(std::string_view text);

/// A control character (category Cc: U+0000–U+001F, U+007F–U+009F; tab and line ends are among them).
bool has_control_characters(std::string_view text);

/// A character that can make following text display in another order than it is stored: embeddings, overrides, isolates.
/// The marks U+200E, U+200F and U+061C, which right-to-left names need, are not among them.
bool has_bidi_controls(std::string_view text);

/// A BCP 47 language tag ("_" is taken for "-") in canonical form: "DE-ch" becomes "de-CH". nullopt when ill-formed or "und".
std::optional<std::string> parse_language_tag(std::string_view text);

/// A host name as look-ups and certificates have it: ASCII lower case by UTS 46 ("Bücher.Example." becomes "xn--bcher-kva.example").
/// nullopt when it is not a valid domain name; addresses are not its business.
std::optional<std::string> ascii_host(std::string_view host);

}  // namespace godwit
