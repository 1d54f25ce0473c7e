// Base64 with other people's alphabets, as password hashes have them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

/// The value of each character as a digit of base 64, -1 where it is none.
using Base64Digits = std::array<std::int8_t, 256>;

/// Of up to 64 characters in the order of their values.
consteval Base64Digits base64_digits(std::string_view alphabet) {
    Base64Digits digits{};
    digits.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return digits;
}

/// As base64_decode_lenient of base/encoding.h: padding or none, spare bits ignored; the first digit of a group has its highest bits.
std::optional<std::string> base64_decode_lenient(std::string_view text, const Base64Digits& digits);

}  // namespace godwit
