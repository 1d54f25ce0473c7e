// Small readers that every encoding is made of: fields, numbers, key=value lists, and the base64 dialects of crypt(3), passlib, bcrypt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace godwit::password {

/// "a$b$" has three fields, the last one empty.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Decimal digits only (no sign, no space), below 2^64.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// "m=1024,t=2": each key once, a value may contain '='.
class KeyValues {
public:
    /// nullopt when an item has no '=' or a key stands twice.
    static std::optional<KeyValues> parse(std::string_view text);
    std::optional<std::string_view> find(std::string_view key) const;
    std::optional<std::uint64_t> number(std::string_view key) const;
    /// No key but these.
    bool only(std::initializer_list<std::string_view> keys) const;

private:
    std::vector<std::pair<std::string_view, std::string_view>> items_;
};

/// Standard base64 with or without padding; passlib's ab64 ('.' for '+') too.
std::optional<std::string> decode_base64_any(std::string_view text);
/// passlib's ab64: no padding, '.' for '+'.
std::string encode_ab64(std::string_view bytes);

/// "./0-9A-Za-z", the place of a character; -1 when it is none of them.
int h64_value(char c);
/// phpass, Drupal: little-endian groups of three bytes.
std::string encode_h64(std::string_view bytes);

/// bcrypt's alphabet "./A-Za-z0-9", big-endian.
std::optional<std::string> decode_rad64(std::string_view text);
std::string encode_rad64(std::string_view bytes);

/// Hex text of exactly 2 * bytes digits (bytes = 0: any even number).
bool is_hex(std::string_view text, std::size_t bytes = 0);

/// nullopt when the text is not UTF-8.
std::optional<std::string> utf8_to_utf16le(std::string_view text);
/// nullopt when a character is not in Latin-1.
std::optional<std::string> utf8_to_latin1(std::string_view text);
/// Number of code points.
std::size_t utf8_length(std::string_view text);

/// Constant time in the content; sizes are no secret.
bool equal_secret(std::string_view a, std::string_view b);

}  // namespace godwit::password
