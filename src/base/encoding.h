// Bytes as text and back: base64 and base32 (RFC 4648), hex, JSON strings (RFC 8259 section 7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit {

enum class Base64 {
    standard,           ///< "+/", padded (RFC 4648 section 4)
    standard_unpadded,  ///< "+/", no "=" (PHC strings)
    url,                ///< "-_", no "=" (RFC 7515 section 2)
    url_padded,         ///< "-_", padded
};

std::string base64_encode(std::string_view bytes, Base64 form = Base64::standard);

/// Strict: exactly this alphabet, padding as the form has it, spare bits zero, no white space. One text for each byte string.
std::optional<std::string> base64_decode(std::string_view text, Base64 form = Base64::standard);

/// Either alphabet, padding or none, spare bits ignored; still no white space. What proto3 JSON allows in a `bytes` field.
std::optional<std::string> base64_decode_lenient(std::string_view text);

/// Lower case.
std::string hex_encode(std::string_view bytes);
/// Either case, an even number of digits.
std::optional<std::string> hex_decode(std::string_view text);

/// Upper case, padded only if asked.
std::string base32_encode(std::string_view bytes, bool padded = false);

/// As people type keys: case, white space, '-', padding (right, wrong or none) and spare bits do not matter.
/// nullopt when another character occurs, "=" stands before a digit, or no byte would come out.
std::optional<std::string> base32_decode_lenient(std::string_view text);

/// Appends `text` as a JSON string with its quotes. Ill-formed UTF-8 is passed through; check it before.
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

}  // namespace godwit
