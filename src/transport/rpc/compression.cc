#include "transport/rpc/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.h"

namespace godwit::rpc {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to say: 32 KiB, with a gzip header
constexpr int kMemory = 8;
constexpr std::size_t kPiece = 32 << 10;

Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

/// Ends a zlib stream whichever way its scope is left.
template <int (*End)(z_streamp)>
struct Stream : z_stream {
    Stream() : z_stream{} {}
    ~Stream() { End(this); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
};

}  // namespace

Result<Coding> parse_coding(std::string_view name) {
    if (name.empty() || name == "identity") return Coding::identity;
    if (name == "gzip") return Coding::gzip;
    return fail(Code::unimplemented, "",
                "unknown compression \"" + std::string(name) + "\": supported is " + std::string(kAcceptedCodings));
}

bool accepts_gzip(std::string_view list) {
    return std::ranges::any_of(split(list, ','), [](std::string_view item) {
        const auto parts = split(item, ';');
        if (!equals_ignoring_case(trim(parts.front()), "gzip")) return false;
        if (parts.size() < 2) return true;
        // RFC 9110 section 12.4.2: a weight of 0 is "not acceptable".
        const auto weight = trim(parts[1]);
        return weight.size() < 3 || weight.find_first_not_of("0.", 2) != std::string_view::npos;
    });
}

std::string gzip(std::string_view bytes) {
    Stream<deflateEnd> stream;
    // It fails without memory only, or when it is called wrongly.
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = bytes_of(out);
    stream.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
    out.resize(stream.total_out);
    return out;
}

Result<std::string> gunzip(std::string_view bytes, std::uint64_t max_bytes) {
    Stream<inflateEnd> stream;
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) std::abort();
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    std::array<char, kPiece> piece;
    for (;;) {
        stream.next_out = bytes_of({piece.data(), piece.size()});
        stream.avail_out = piece.size();
        const int status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END) return fail(Code::invalid_argument, "", "the message is not well-formed gzip");
        out.append(piece.data(), piece.size() - stream.avail_out);
        if (out.size() > max_bytes) {
            return fail(Code::resource_exhausted, "",
                        "received message larger than max (over " + std::to_string(max_bytes) + " bytes once it is decompressed)");
        }
        if (status != Z_STREAM_END) continue;
        if (stream.avail_in == 0) return out;
        if (inflateReset(&stream) != Z_OK) std::abort();
    }
}

}  // namespace godwit::rpc
