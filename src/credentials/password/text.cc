#include "credentials/password/text.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>

#include "base/base64_alphabet.h"
#include "base/encoding.h"

namespace godwit::password {
namespace {

constexpr std::string_view kH64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kRad64 = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// passlib writes '.' for '+'.
consteval Base64Digits any_base64() {
    Base64Digits digits = base64_digits("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    digits['.'] = digits['+'];
    return digits;
}

constexpr Base64Digits kAnyDigits = any_base64();
constexpr Base64Digits kRad64Digits = base64_digits(kRad64);

unsigned byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

// One code point from text[at], moving at; nullopt when ill-formed (overlong, surrogate, beyond U+10FFFF, cut).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
    const unsigned lead = byte_at(text, at++);
    if (lead < 0x80) return lead;
    const int more = (lead >> 5) == 0x6 ? 1 : (lead >> 4) == 0xE ? 2 : (lead >> 3) == 0x1E ? 3 : 0;
    if (more == 0 || text.size() - at < static_cast<std::size_t>(more)) return std::nullopt;
    char32_t point = lead & (0x3FU >> more);
    for (int i = 0; i < more; ++i) {
        const unsigned next = byte_at(text, at++);
        if ((next & 0xC0) != 0x80) return std::nullopt;
        point = (point << 6) | (next & 0x3F);
    }
    constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[more] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return std::nullopt;
    return point;
}

void append_utf16le(std::string& out, unsigned unit) {
    out += static_cast<char>(unit & 0xFF);
    out += static_cast<char>(unit >> 8);
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> fields;
    while (true) {
        const std::size_t end = text.find(separator);
        fields.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return fields;
        text.remove_prefix(end + 1);
    }
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<KeyValues> KeyValues::parse(std::string_view text) {
    KeyValues out;
    for (const std::string_view item : split(text, ',')) {
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos || out.find(item.substr(0, equals))) return std::nullopt;
        out.items_.emplace_back(item.substr(0, equals), item.substr(equals + 1));
    }
    return out;
}

std::optional<std::string_view> KeyValues::find(std::string_view key) const {
    for (const auto& [name, value] : items_) {
        if (name == key) return value;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> KeyValues::number(std::string_view key) const {
    const auto value = find(key);
    return value ? parse_number(*value) : std::nullopt;
}

bool KeyValues::only(std::initializer_list<std::string_view> keys) const {
    return std::ranges::all_of(items_, [&](const auto& item) { return std::ranges::find(keys, item.first) != keys.end(); });
}

std::optional<std::string> decode_base64_any(std::string_view text) { return base64_decode_lenient(text, kAnyDigits); }

std::string encode_ab64(std::string_view bytes) {
    std::string out = base64_encode(bytes, Base64::standard_unpadded);
    std::ranges::replace(out, '+', '.');
    return out;
}

int h64_value(char c) {
    const std::size_t place = kH64.find(c);
    return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

std::string encode_h64(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = 0;
        for (std::size_t j = 0; j < count; ++j) group |= byte_at(bytes, i + j) << (8 * j);
        for (std::size_t j = 0; j <= count; ++j, group >>= 6) out += kH64[group & 0x3F];
    }
    return out;
}

std::optional<std::string> decode_rad64(std::string_view text) { return base64_decode_lenient(text, kRad64Digits); }

std::string encode_rad64(std::string_view bytes) {
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bits = (bits << 8) | byte_at(bytes, i);
        for (count += 8; count >= 6; count -= 6) out += kRad64[(bits >> (count - 6)) & 0x3F];
    }
    if (count > 0) out += kRad64[(bits << (6 - count)) & 0x3F];
    return out;
}

bool is_hex(std::string_view text, std::size_t bytes) {
    if (text.empty() || text.size() % 2 != 0 || (bytes != 0 && text.size() != 2 * bytes)) return false;
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::optional<std::string> utf8_to_utf16le(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = next_code_point(text, at);
        if (!point) return std::nullopt;
        if (*point < 0x10000) {
            append_utf16le(out, static_cast<unsigned>(*point));
        } else {
            append_utf16le(out, 0xD800 + static_cast<unsigned>((*point - 0x10000) >> 10));
            append_utf16le(out, 0xDC00 + static_cast<unsigned>((*point - 0x10000) & 0x3FF));
        }
    }
    return out;
}

std::optional<std::string> utf8_to_latin1(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = next_code_point(text, at);
        if (!point || *point > 0xFF) return std::nullopt;
        out += static_cast<char>(*point);
    }
    return out;
}

std::size_t utf8_length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool equal_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace godwit::password
