#include "base/encoding.h"

#include <cstring>

#include "base/base64_alphabet.h"

namespace godwit {
namespace {

constexpr std::string_view kBase64Standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::int8_t kNoDigit = -1;

consteval Base64Digits either_base64() {
    Base64Digits digits = base64_digits(kBase64Standard);
    digits['-'] = 62;
    digits['_'] = 63;
    return digits;
}

constexpr Base64Digits kStandardDigits = base64_digits(kBase64Standard);
constexpr Base64Digits kUrlDigits = base64_digits(kBase64Url);
constexpr Base64Digits kEitherDigits = either_base64();
constexpr Base64Digits kBase32Digits = base64_digits(kBase32);

bool is_padded(Base64 form) { return form == Base64::standard || form == Base64::url_padded; }
bool is_url(Base64 form) { return form == Base64::url || form == Base64::url_padded; }

std::uint8_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); }

/// `text` without padding.
std::optional<std::string> decode64(std::string_view text, const Base64Digits& digits, bool spare_bits_must_be_zero) {
    const std::size_t groups = text.size() / 4, rest = text.size() % 4;
    if (rest == 1) return std::nullopt;
    std::string out(groups * 3 + (rest == 0 ? 0 : rest - 1), '\0');
    // A digit that is none is negative, so that the sign of all together tells.
    const auto digit = [&](std::size_t i) { return static_cast<std::int32_t>(digits[static_cast<unsigned char>(text[i])]); };
    std::int32_t all = 0;
    char* to = out.data();
    for (std::size_t i = 0; i < groups * 4; i += 4, to += 3) {
        const std::int32_t a = digit(i), b = digit(i + 1), c = digit(i + 2), d = digit(i + 3);
        all |= a | b | c | d;
        to[0] = static_cast<char>(a << 2 | b >> 4);
        to[1] = static_cast<char>(b << 4 | c >> 2);
        to[2] = static_cast<char>(c << 6 | d);
    }
    std::int32_t spare = 0;
    if (rest != 0) {
        const std::size_t i = groups * 4;
        const std::int32_t a = digit(i), b = digit(i + 1), c = rest == 3 ? digit(i + 2) : 0;
        all |= a | b | c;
        to[0] = static_cast<char>(a << 2 | b >> 4);
        if (rest == 3) to[1] = static_cast<char>(b << 4 | c >> 2);
        spare = rest == 3 ? c & 0x3 : b & 0xf;
    }
    if (all < 0 || (spare_bits_must_be_zero && spare != 0)) return std::nullopt;
    return out;
}

bool is_escaped_in_json(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\'; }

/// Whether one of eight characters is escaped, all looked at together: a byte below a bound, or zero, borrows from its highest bit.
bool has_escaped_in_json(std::string_view eight) {
    constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x80 * kEach;
    std::uint64_t word;
    std::memcpy(&word, eight.data(), sizeof word);
    const auto below = [](std::uint64_t bytes, std::uint64_t bound) { return (bytes - bound * kEach) & ~bytes & kHigh; };
    const auto is = [&](std::uint64_t c) { return below(word ^ (c * kEach), 1); };
    return (below(word, 0x20) | is('"') | is('\\') | is(0x7f)) != 0;
}

/// Characters up to the first that a JSON string escapes.
std::size_t plain_length(std::string_view text) {
    std::size_t at = 0;
    while (text.size() - at >= 8 && !has_escaped_in_json(text.substr(at))) at += 8;
    while (at < text.size() && !is_escaped_in_json(text[at])) ++at;
    return at;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return kNoDigit;
}

}  // namespace

std::string base64_encode(std::string_view bytes, Base64 form) {
    const std::string_view alphabet = is_url(form) ? kBase64Url : kBase64Standard;
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group =
            (std::uint32_t{byte_at(bytes, i)} << 16) | (std::uint32_t{byte_at(bytes, i + 1)} << 8) | byte_at(bytes, i + 2);
        for (int shift = 18; shift >= 0; shift -= 6) out.push_back(alphabet[(group >> shift) & 63]);
    }
    const std::size_t rest = bytes.size() - i;
    if (rest == 0) return out;
    std::uint32_t group = std::uint32_t{byte_at(bytes, i)} << 16;
    if (rest == 2) group |= std::uint32_t{byte_at(bytes, i + 1)} << 8;
    out.push_back(alphabet[(group >> 18) & 63]);
    out.push_back(alphabet[(group >> 12) & 63]);
    if (rest == 2) out.push_back(alphabet[(group >> 6) & 63]);
    if (is_padded(form)) out.append(3 - rest, '=');
    return out;
}

std::optional<std::string> base64_decode(std::string_view text, Base64 form) {
    if (is_padded(form)) {
        if (text.size() % 4 != 0) return std::nullopt;
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    }
    return decode64(text, is_url(form) ? kUrlDigits : kStandardDigits, true);
}

std::optional<std::string> base64_decode_lenient(std::string_view text) { return base64_decode_lenient(text, kEitherDigits); }

std::optional<std::string> base64_decode_lenient(std::string_view text, const Base64Digits& digits) {
    if (text.ends_with('=')) {
        if (text.size() % 4 != 0) return std::nullopt;
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    }
    return decode64(text, digits, false);
}

std::string hex_encode(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out.push_back(kHex[byte_at(bytes, i) >> 4]);
        out.push_back(kHex[byte_at(bytes, i) & 15]);
    }
    return out;
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

std::string base32_encode(std::string_view bytes, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 4) / 5 * 8);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        buffer = (buffer << 8) | byte_at(bytes, i);
        for (bits += 8; bits >= 5; bits -= 5) out.push_back(kBase32[(buffer >> (bits - 5)) & 31]);
    }
    if (bits > 0) out.push_back(kBase32[(buffer << (5 - bits)) & 31]);
    if (padded) out.append((8 - out.size() % 8) % 8, '=');
    return out;
}

std::optional<std::string> base32_decode_lenient(std::string_view text) {
    std::string out;
    std::uint32_t buffer = 0;
    int bits = 0;
    bool padding = false;
    for (const char c : text) {
        if (c == ' ' || c == '-' || (c >= '\t' && c <= '\r')) continue;
        if (c == '=') {
            padding = true;
            continue;
        }
        const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        const std::int8_t digit = kBase32Digits[static_cast<unsigned char>(upper)];
        if (digit == kNoDigit || padding) return std::nullopt;
        buffer = (buffer << 5) | static_cast<std::uint32_t>(digit);
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<char>((buffer >> bits) & 0xff));
    }
    if (out.empty()) return std::nullopt;
    return out;
}

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    while (true) {
        const std::size_t plain = plain_length(text);
        out.append(text.substr(0, plain));
        if (plain == text.size()) break;
        const char c = text[plain];
        text.remove_prefix(plain + 1);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += "\\u00";
                out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
                out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
        }
    }
    out.push_back('"');
}

std::string json_string(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    append_json_string(out, text);
    return out;
}

}  // namespace godwit
