// Small things with ASCII text. What people write in any language is in base/unicode.h.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

/// Space, tab, CR, LF, VT and FF.
constexpr bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Without white space (ASCII) at both ends; a view into `text`.
std::string_view trim(std::string_view text);

/// The parts between separators, empty ones too: split("a,,b", ',') is {"a", "", "b"}, split("", ',') is {""}. Views into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The words between runs of white space; empty for blank text. Views into `text`.
std::vector<std::string_view> split_words(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);

/// Upper-case ASCII letters made lower (or the other way); all other bytes stay.
std::string to_ascii_lower(std::string_view text);
std::string to_ascii_upper(std::string_view text);

/// Equal but for the case of ASCII letters. Not for secrets (crypto/compare.h).
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

/// What stands before and after the first `separator`; nullopt when there is none.
std::optional<std::pair<std::string_view, std::string_view>> split_once(std::string_view text, char separator);

/// The whole text as a decimal number; nullopt for anything else (empty, "+1", " 1", "1x", out of range).
template <std::integral T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace godwit
