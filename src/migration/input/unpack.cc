// gzip and zstd, as streams.
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <vector>

#include "migration/input/input.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
/// Of a member of a gzip file: what stands before its text at least.
constexpr uLong kGzipHead = 10;
constexpr Bytef kGzipMagic = 0x1f;  ///< its first byte
/// What a file may ask us to remember of it: `zstd --long` asks for 128 MiB and more.
constexpr int kMaxWindowLog = 26;

/// The first byte of a frame, or of one to pass over (RFC 8878, 3.1).
bool begins_zstd(char byte) { return byte == 0x28 || (byte & 0xf0) == 0x50; }

std::unexpected<Error> damaged(std::string_view what) { return fail(Code::data_loss, "MIGRATE-Pk1", what); }

/// After a whole file: somebody put two things together, or copied too much.
std::unexpected<Error> followed_by_others(std::string_view packing) {
    return damaged("the " + std::string(packing) + " file is whole, but bytes that are no " + std::string(packing) +
                   " follow it: take them off if they do not belong to it");
}

class Gunzip final : public ByteReader {
public:
    explicit Gunzip(ByteReader& packed) : packed_(packed), buffer_(kChunk) {
        good_ = ::inflateInit2(&stream_, 15 + 16) == Z_OK;  // 16: the wrapping of RFC 1952 alone
    }
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;
    ~Gunzip() override { ::inflateEnd(&stream_); }

    Result<std::size_t> read(std::span<char> out) override {
        if (!good_) return fail(Code::resource_exhausted, "MIGRATE-Pk2", "no memory to unpack it");
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), kChunk));
        const uInt room = stream_.avail_out;
        while (stream_.avail_out == room) {
            if (stream_.avail_in == 0) {
                stream_.avail_in = static_cast<uInt>(TRY(packed_.read(buffer_)));
                stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
                if (stream_.avail_in == 0 && inside_) return damaged("the gzip file is cut off");
                if (stream_.avail_in == 0) break;
            }
            if (!inside_ && members_ > 0 && *stream_.next_in == 0) {  // tapes and block devices fill up with zeros
                ++stream_.next_in, --stream_.avail_in;
                continue;
            }
            // Of a single byte zlib would wait for the second.
            if (!inside_ && members_ > 0 && *stream_.next_in != kGzipMagic) return followed_by_others("gzip");
            inside_ = true;
            const int status = ::inflate(&stream_, Z_NO_FLUSH);
            if (status == Z_STREAM_END) {  // another member may follow: gzip files may be joined end to end
                inside_ = false;
                ++members_;
                ::inflateReset(&stream_);
            } else if (status != Z_OK) {
                const bool begins = stream_.total_out == 0 && stream_.total_in < kGzipHead;
                return members_ > 0 && begins ? followed_by_others("gzip") : damaged("the gzip file is damaged");
            }
        }
        return room - stream_.avail_out;
    }

private:
    ByteReader& packed_;
    std::vector<char> buffer_;
    z_stream stream_{};
    bool good_ = false, inside_ = false;
    std::uint64_t members_ = 0;  ///< whole ones
};

class Unzstd final : public ByteReader {
public:
    explicit Unzstd(ByteReader& packed) : packed_(packed), buffer_(kChunk), stream_(::ZSTD_createDCtx(), &::ZSTD_freeDCtx) {
        if (stream_) ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    }

    Result<std::size_t> read(std::span<char> out) override {
        if (!stream_) return fail(Code::resource_exhausted, "MIGRATE-Pk2", "no memory to unpack it");
        ZSTD_outBuffer to{out.data(), out.size(), 0};
        while (to.pos == 0) {
            if (from_.pos == from_.size) {
                from_ = {buffer_.data(), TRY(packed_.read(buffer_)), 0};
                if (from_.size == 0 && inside_) return damaged("the zstd file is cut off");
                if (from_.size == 0) break;
            }
            if (!inside_ && frames_ > 0 && !begins_zstd(buffer_[from_.pos])) return followed_by_others("zstd");
            const std::size_t left = ::ZSTD_decompressStream(stream_.get(), &to, &from_);
            if (::ZSTD_isError(left) != 0) {
                if (::ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge)
                    return fail(Code::resource_exhausted, "MIGRATE-Pk3",
                                "the zstd file asks for a window of more than 64 MiB; pack it without --long");
                const bool begins = !inside_ && ::ZSTD_getErrorCode(left) == ZSTD_error_prefix_unknown;
                return frames_ > 0 && begins ? followed_by_others("zstd") : damaged("the zstd file is damaged");
            }
            inside_ = left != 0;
            frames_ += inside_ ? 0 : 1;
        }
        return to.pos;
    }

private:
    ByteReader& packed_;
    std::vector<char> buffer_;
    std::unique_ptr<ZSTD_DCtx, decltype(&::ZSTD_freeDCtx)> stream_;
    ZSTD_inBuffer from_{nullptr, 0, 0};
    bool inside_ = false;
    std::uint64_t frames_ = 0;  ///< whole ones
};

}  // namespace

std::unique_ptr<ByteReader> gunzip(ByteReader& packed) { return std::make_unique<Gunzip>(packed); }

std::unique_ptr<ByteReader> unzstd(ByteReader& packed) { return std::make_unique<Unzstd>(packed); }

}  // namespace godwit::migration
