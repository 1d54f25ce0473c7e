// A file as plain UTF-8 text that can be read anywhere: itself, or unpacked into a scratch file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "migration/input/input.h"
#include "migration/spool.h"

namespace godwit::migration {

class Seekable {
public:
    /// Errors: those of Input and Spool. `scratch` empty: the system's folder for such files.
    static Result<Seekable> open(const std::string& path, const std::string& scratch);
    Seekable(Seekable&&) noexcept;
    Seekable& operator=(Seekable&&) noexcept;
    ~Seekable();

    int fd() const { return spool_ ? spool_->fd() : fd_; }
    const std::string& path() const { return path_; }
    /// Of the text.
    std::uint64_t size() const { return size_; }
    std::uint64_t stored_bytes() const { return stored_bytes_; }
    /// As it was when it was opened, and as it is now; one that had to be unpacked was read then.
    const FileState& as_opened() const { return as_opened_; }
    FileState now() const { return spool_ ? as_opened_ : FileState::of(fd_); }
    /// The bytes of the file as it lies on disk that make the first `position` of the text, nearly.
    std::uint64_t stored_at(std::uint64_t position) const;

private:
    Seekable() = default;
    std::string path_;
    std::optional<Spool> spool_;
    int fd_ = -1;
    std::uint64_t size_ = 0, stored_bytes_ = 0;
    FileState as_opened_;
};

/// `scratch`, or the system's folder for files that are not kept.
std::string scratch_folder(const std::string& scratch);

}  // namespace godwit::migration
