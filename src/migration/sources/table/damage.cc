#include "migration/sources/table/damage.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace godwit::migration {
namespace {

constexpr std::array<std::string_view, 8> kErrors{"#NAME?", "#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!"};
/// A spreadsheet counts with 15 digits; the others become zeros.
constexpr std::size_t kDigits = 15;
/// U+FFFD stands where a letter was that could not be read.
constexpr std::string_view kReplaced = "\xef\xbf\xbd";

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_ascii_digit); }

/// 1.10E+18, 4,19E+10
bool is_scientific(std::string_view text) {
    const std::size_t e = text.find_first_of("Ee");
    if (e == std::string_view::npos || e == 0 || e + 2 >= text.size() || (text[e + 1] != '+' && text[e + 1] != '-')) return false;
    const std::string_view exponent = text.substr(e + 2);
    std::string_view mantissa = text.substr(0, e);
    if (mantissa.starts_with('-')) mantissa.remove_prefix(1);
    if (!all_digits(exponent) || mantissa.empty() || !is_ascii_digit(mantissa[0])) return false;
    return mantissa.size() == 1 || ((mantissa[1] == '.' || mantissa[1] == ',') && all_digits(mantissa.substr(2)));
}

/// A column that was too narrow for its numbers when it was written as text. Shorter ones people type.
bool is_fence(std::string_view text) {
    return text.size() >= 3 && std::ranges::all_of(text, [](char c) { return c == '#'; });
}

bool is_rounded(std::string_view text) {
    return text.size() > kDigits && all_digits(text) && std::ranges::all_of(text.substr(kDigits), [](char c) { return c == '0'; });
}

/// 3/4/2023, 03/04/23
bool is_slash_date(std::string_view text) {
    const auto parts = split(text, '/');
    return parts.size() == 3 && std::ranges::all_of(parts, all_digits) && parts[0].size() <= 2 && parts[1].size() <= 2 &&
           (parts[2].size() == 2 || parts[2].size() == 4);
}

/// UTF-8 bytes taken for Latin-1 (or Windows' form of it) and written as UTF-8 once more: C3 83 C2 A9 for é.
bool is_twice_encoded(std::string_view text) {
    for (std::size_t i = 0; i + 3 < text.size(); ++i) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[i + at]); };
        if (byte(0) == 0xc3 && (byte(1) == 0x83 || byte(1) == 0x82 || byte(1) == 0x84) && byte(2) == 0xc2 && byte(3) >= 0x80 &&
            byte(3) < 0xc0)
            return true;
        if (text.substr(i).starts_with("\xc3\xa2\xe2\x82\xac")) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string_view> find_damage(std::string_view value) {
    if (std::ranges::find(kErrors, value) != kErrors.end() || is_fence(value)) return "sheet.error_value";
    if (is_scientific(value) || is_rounded(value)) return "sheet.rounded_number";
    if (value.size() == 255 || value.size() == 32767) return "sheet.truncated";
    if (is_slash_date(value)) return "sheet.date_rewritten";
    if (is_twice_encoded(value) || value.contains(kReplaced)) return "sheet.wrong_encoding";
    return std::nullopt;
}

std::optional<std::string> with_lost_plus(std::string_view phone) {
    // Numbers with their country's code have 10 to 15 digits and no zero at their front; national ones begin with one nearly everywhere.
    if (phone.size() < 11 || phone.size() > 15 || phone[0] == '0' || !all_digits(phone)) return std::nullopt;
    return "+" + std::string(phone);
}

}  // namespace godwit::migration
