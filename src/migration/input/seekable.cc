#include "migration/input/seekable.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace godwit::migration {

std::string scratch_folder(const std::string& scratch) {
    std::error_code error;
    return scratch.empty() ? std::filesystem::temp_directory_path(error).string() : scratch;
}

Result<Seekable> Seekable::open(const std::string& path, const std::string& scratch) {
    Input input = TRY(Input::open(path));
    Seekable out;
    out.path_ = path;
    out.stored_bytes_ = out.size_ = input.stored_bytes();
    out.as_opened_ = input.as_opened();
    if (input.packing().is_plain()) {
        out.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (out.fd_ < 0) return fail(Code::unavailable, "MIGRATE-Op1", "cannot open " + path + " again");
        return out;
    }
    out.spool_ = TRY(Spool::create(scratch_folder(scratch)));
    std::vector<char> piece(1u << 20);
    while (const std::size_t got = TRY(input.read(piece))) TRY(out.spool_->append({piece.data(), got}));
    out.size_ = out.spool_->size();
    return out;
}

Seekable::Seekable(Seekable&& other) noexcept
    : path_(std::move(other.path_)),
      spool_(std::move(other.spool_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      stored_bytes_(other.stored_bytes_),
      as_opened_(other.as_opened_) {}

Seekable& Seekable::operator=(Seekable&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(spool_, other.spool_);
    std::swap(fd_, other.fd_);
    std::swap(size_, other.size_);
    std::swap(stored_bytes_, other.stored_bytes_);
    std::swap(as_opened_, other.as_opened_);
    return *this;
}

Seekable::~Seekable() {
    if (fd_ >= 0) ::close(fd_);
}

std::uint64_t Seekable::stored_at(std::uint64_t position) const {
    if (size_ == 0 || position >= size_) return stored_bytes_;
    return static_cast<std::uint64_t>(static_cast<double>(stored_bytes_) * static_cast<double>(position) / static_cast<double>(size_));
}

}  // namespace godwit::migration
