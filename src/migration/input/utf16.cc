// UTF-16 as spreadsheets write it (RFC 2781), made UTF-8.
#include <string>
#include <vector>

#include "migration/input/input.h"

namespace godwit::migration {
namespace {

bool is_high(unsigned unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low(unsigned unit) { return unit >= 0xdc00 && unit < 0xe000; }

class Utf16 final : public ByteReader {
public:
    Utf16(ByteReader& from, bool big_endian) : from_(from), big_endian_(big_endian), buffer_(128 * 1024) {}

    Result<std::size_t> read(std::span<char> out) override {
        while (ready_ == text_.size()) {
            text_.clear();
            ready_ = 0;
            const std::size_t got = TRY(from_.read(std::span(buffer_).subspan(kept_)));
            if (got == 0) {
                if (kept_ != 0 || high_ != 0) return fail(Code::data_loss, "MIGRATE-U16", "the UTF-16 text ends within a character");
                return std::size_t{0};
            }
            TRY(take(kept_ + got));
        }
        const std::size_t given = text_.copy(out.data(), out.size(), ready_);
        ready_ += given;
        return given;
    }

private:
    Result<void> take(std::size_t bytes) {
        for (std::size_t i = 0; i + 1 < bytes; i += 2) {
            const auto first = static_cast<unsigned char>(buffer_[i]), second = static_cast<unsigned char>(buffer_[i + 1]);
            const unsigned unit = big_endian_ ? first << 8 | second : second << 8 | first;
            if ((high_ != 0) != is_low(unit)) return fail(Code::data_loss, "MIGRATE-U16", "a surrogate of UTF-16 stands alone");
            if (is_high(unit)) {
                high_ = unit;
                continue;
            }
            append(high_ == 0 ? unit : 0x10000 + ((high_ - 0xd800) << 10) + (unit - 0xdc00));
            high_ = 0;
        }
        kept_ = bytes % 2;
        if (kept_ != 0) buffer_[0] = buffer_[bytes - 1];
        return {};
    }

    void append(unsigned c) {
        const auto byte = [this](unsigned value) { text_ += static_cast<char>(value); };
        if (c < 0x80) return byte(c);
        if (c < 0x800) {
            byte(0xc0 | c >> 6);
        } else {
            if (c < 0x10000) {
                byte(0xe0 | c >> 12);
            } else {
                byte(0xf0 | c >> 18);
                byte(0x80 | (c >> 12 & 0x3f));
            }
            byte(0x80 | (c >> 6 & 0x3f));
        }
        byte(0x80 | (c & 0x3f));
    }

    ByteReader& from_;
    bool big_endian_;
    std::vector<char> buffer_;
    std::size_t kept_ = 0;  ///< half a unit at the start of the buffer
    unsigned high_ = 0;     ///< the first half of a pair
    std::string text_;
    std::size_t ready_ = 0;  ///< of the text, given out
};

}  // namespace

Packing::Encoding encoding_of(std::string_view begin) {
    if (begin.starts_with("\xef\xbb\xbf")) return Packing::Encoding::utf8_mark;
    if (begin.starts_with("\xff\xfe")) return Packing::Encoding::utf16le;
    if (begin.starts_with("\xfe\xff")) return Packing::Encoding::utf16be;
    // No export begins with anything but ASCII, and none of ours holds NUL.
    if (begin.size() >= 2 && begin[0] != '\0' && begin[1] == '\0') return Packing::Encoding::utf16le;
    if (begin.size() >= 2 && begin[0] == '\0' && begin[1] != '\0') return Packing::Encoding::utf16be;
    return Packing::Encoding::utf8;
}

std::unique_ptr<ByteReader> utf16_to_utf8(ByteReader& utf16, bool big_endian) { return std::make_unique<Utf16>(utf16, big_endian); }

}  // namespace godwit::migration
