// One file of a source as UTF-8 text, whatever it lies in: plain, gzip (RFC 1952) or zstd (RFC 8878); UTF-8 with or without a mark, UTF-16
// in either order. Read forward, in memory that does not depend on the file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::migration {

/// Where bytes come from. One thread.
class ByteReader {
public:
    virtual ~ByteReader() = default;
    /// Fills `out` from its start and says how far; 0 at the end alone.
    virtual Result<std::size_t> read(std::span<char> out) = 0;
};

/// What a file lies in, told by its first bytes.
struct Packing {
    enum class Compression { none, gzip, zstd } compression = Compression::none;
    enum class Encoding { utf8, utf8_mark, utf16le, utf16be } encoding = Encoding::utf8;
    /// Its bytes are the text.
    bool is_plain() const { return compression == Compression::none && encoding == Encoding::utf8; }
};

/// What tells whether somebody wrote to a file meanwhile.
struct FileState {
    std::uint64_t bytes = 0;
    std::int64_t seconds = 0, nanoseconds = 0;  ///< of the last change

    static FileState of(int fd);
    bool operator==(const FileState&) const = default;
};
/// unavailable MIGRATE-Rd2.
Result<void> same_file(const std::string& path, const FileState& before, const FileState& now);

class Input {
public:
    /// Errors: not_found or permission_denied with the path and the system's reason; invalid_argument for what is no regular file.
    static Result<Input> open(const std::string& path);

    /// As ByteReader. Errors name the file and the byte of it: data_loss (cut off, damaged, ill-formed UTF-16), resource_exhausted (unpacks
    /// to more than a thousandth of it is: a bomb; or a zstd window that asks for more than 64 MiB), at the end unavailable MIGRATE-Rd2.
    Result<std::size_t> read(std::span<char> out);

    const std::string& path() const { return path_; }
    const Packing& packing() const { return packing_; }
    /// As it lies on disk.
    std::uint64_t stored_bytes() const { return stored_bytes_; }
    const FileState& as_opened() const { return as_opened_; }
    /// Of the stored bytes, those behind us.
    std::uint64_t read_bytes() const;

private:
    class File;
    Input() = default;
    Error in_place(Error error) const;

    std::string path_;
    Packing packing_;
    std::uint64_t stored_bytes_ = 0, text_bytes_ = 0;
    FileState as_opened_;
    std::shared_ptr<File> file_;
    std::shared_ptr<ByteReader> text_;
};

// The layers, each over the one before; unpack.cc and utf16.cc.
std::unique_ptr<ByteReader> gunzip(ByteReader& packed);
std::unique_ptr<ByteReader> unzstd(ByteReader& packed);
std::unique_ptr<ByteReader> utf16_to_utf8(ByteReader& utf16, bool big_endian);
/// Told by the first bytes of the text; at least 4 of them unless it is shorter.
Packing::Encoding encoding_of(std::string_view begin);

}  // namespace godwit::migration
