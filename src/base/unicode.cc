#include "base/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/text.h"

namespace godwit {
namespace {

constexpr UChar32 kIllFormed = -1;

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Takes one character off the front.
UChar32 take(std::string_view& text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    std::size_t at = 0;
    UChar32 c = kIllFormed;
    U8_NEXT(bytes, at, text.size(), c);
    text.remove_prefix(at);
    return c < 0 ? kIllFormed : c;
}

template <class Predicate>
bool any_character(std::string_view text, Predicate predicate) {
    while (!text.empty())
        if (predicate(take(text))) return true;
    return false;
}

bool is_white_space(UChar32 c) { return c >= 0 && u_isUWhiteSpace(c); }

icu::StringPiece piece(std::string_view text) { return {text.data(), static_cast<std::int32_t>(text.size())}; }

std::string with_replacements(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view before = text;
        const bool ill_formed = take(text) == kIllFormed;
        out += ill_formed ? "\uFFFD" : before.substr(0, before.size() - text.size());
    }
    return out;
}

const icu::Normalizer2* nfkc_casefold() {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(status);  // owned by ICU, thread-safe
}

/// BCP 47 in its canonical form.
std::optional<std::string> canonical_tag(std::string_view text) {
    const std::string tag = replace_all(text, "_", "-");
    // ICU skips what it does not understand; a tag that uses only letters, digits and hyphens in parts of 1 to 8 is well-formed.
    for (const std::string_view part : split(tag, '-'))
        if (part.empty() || part.size() > 8 || !std::ranges::all_of(part, [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c); }))
            return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale locale = icu::Locale::forLanguageTag(piece(tag), status);
    if (U_FAILURE(status) || locale.isBogus() || *locale.getLanguage() == '\0') return std::nullopt;
    auto canonical = locale.toLanguageTag<std::string>(status);
    if (U_FAILURE(status) || canonical.empty()) return std::nullopt;
    return canonical;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
    return !any_character(text, [](UChar32 c) { return c == kIllFormed; });
}

std::string fold(std::string_view text) {
    if (is_ascii(text)) return to_ascii_lower(text);
    if (!is_valid_utf8(text)) return fold(with_replacements(text));  // ICU would pass ill-formed bytes through
    std::string out;
    out.reserve(text.size());
    icu::StringByteSink<std::string> sink(&out);
    UErrorCode status = U_ZERO_ERROR;
    nfkc_casefold()->normalizeUTF8(0, piece(text), sink, nullptr, status);
    return out;
}

std::size_t code_points(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) take(text);
    return count;
}

std::string_view trim_unicode(std::string_view text) {
    for (std::string_view rest = text; !rest.empty() && is_white_space(take(rest));) text = rest;
    while (!text.empty()) {
        std::size_t at = text.size() - 1;  // back to where the last character begins
        const std::size_t farthest = text.size() - std::min<std::size_t>(text.size(), 4);
        while (at > farthest && U8_IS_TRAIL(static_cast<std::uint8_t>(text[at]))) --at;
        std::string_view last = text.substr(at);
        if (!is_white_space(take(last)) || !last.empty()) break;
        text = text.substr(0, at);
    }
    return text;
}

bool has_outer_whitespace(std::string_view text) { return trim_unicode(text).size() != text.size(); }

bool has_control_characters(std::string_view text) {
    if (is_ascii(text)) return std::ranges::any_of(text, [](char c) { return c < 0x20 || c == 0x7f; });
    return any_character(text, [](UChar32 c) { return c >= 0 && u_charType(c) == U_CONTROL_CHAR; });
}

bool has_bidi_controls(std::string_view text) {
    return !is_ascii(text) && any_character(text, [](UChar32 c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); });
}

std::optional<std::string> parse_language_tag(std::string_view text) {
    constexpr std::size_t kLongest = 100;
    if (text.empty() || text.size() > kLongest || !is_ascii(text)) return std::nullopt;
    // ICU takes microseconds for each, and a user base speaks few languages: the last ones asked for are remembered.
    struct Known {
        std::string text;
        std::optional<std::string> tag;
    };
    thread_local std::array<Known, 8> known;
    thread_local std::size_t next = 0;
    for (const Known& one : known)
        if (one.text == text) return one.tag;
    Known& made = known.at(next++ % known.size());
    made = {std::string(text), canonical_tag(text)};
    return made.tag;
}

std::optional<std::string> ascii_host(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > 253) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES, status));
    if (U_FAILURE(status)) return std::nullopt;
    std::string out;
    icu::StringByteSink<std::string> sink(&out);
    icu::IDNAInfo info;
    idna->nameToASCII_UTF8(piece(host), sink, info, status);
    if (U_FAILURE(status) || info.hasErrors()) return std::nullopt;
    return out;
}

}  // namespace godwit
