#include "migration/input/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace godwit::migration {
namespace {

/// Text beyond this is looked at: real exports shrink to a tenth, a bomb to a thousandth.
constexpr std::uint64_t kFreeBytes = 64u << 20;
constexpr std::uint64_t kMaxRatio = 200;

/// Keeps what was looked at, so that it is read once more.
class Lookahead final : public ByteReader {
public:
    explicit Lookahead(ByteReader& from) : from_(from) {}

    /// The next bytes, at most 4, fewer at the end.
    Result<std::string_view> look() {
        while (kept_.size() < 4) {
            char more[4];
            const std::size_t got = TRY(from_.read(std::span(more).first(4 - kept_.size())));
            if (got == 0) break;
            kept_.append(more, got);
        }
        return std::string_view(kept_);
    }
    void drop(std::size_t bytes) { kept_.erase(0, bytes); }

    Result<std::size_t> read(std::span<char> out) override {
        if (kept_.empty()) return from_.read(out);
        const std::size_t got = std::min(out.size(), kept_.size());
        std::ranges::copy_n(kept_.begin(), static_cast<std::ptrdiff_t>(got), out.begin());
        kept_.erase(0, got);
        return got + (got == out.size() ? 0 : TRY(from_.read(out.subspan(got))));
    }

private:
    ByteReader& from_;
    std::string kept_;
};

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

FileState FileState::of(int fd) {
    struct stat about{};
    if (::fstat(fd, &about) != 0) return {};
    return {.bytes = static_cast<std::uint64_t>(about.st_size), .seconds = about.st_mtim.tv_sec, .nanoseconds = about.st_mtim.tv_nsec};
}

Result<void> same_file(const std::string& path, const FileState& before, const FileState& now) {
    if (before == now) return {};
    return fail(Code::unavailable, "MIGRATE-Rd2",
                path + " changed while it was read (" + std::to_string(before.bytes) + " bytes before, " + std::to_string(now.bytes) +
                    " now): go on when nobody writes to it any more");
}

class Input::File final : public ByteReader {
public:
    explicit File(int fd) : fd_(fd) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() override { ::close(fd_); }

    Result<std::size_t> read(std::span<char> out) override {
        for (;;) {
            const ssize_t got = ::read(fd_, out.data(), out.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail(Code::unavailable, "MIGRATE-Rd1", reason(errno));
            position_ += static_cast<std::uint64_t>(got);
            return static_cast<std::size_t>(got);
        }
    }
    std::uint64_t position() const { return position_; }
    int fd() const { return fd_; }

    /// The layers over it, which refer to each other.
    std::vector<std::unique_ptr<ByteReader>> layers;

private:
    int fd_;
    std::uint64_t position_ = 0;
};

Result<Input> Input::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe would wait for a writer
    if (fd < 0)
        return fail(errno == ENOENT ? Code::not_found : Code::permission_denied, "MIGRATE-Op1",
                    "cannot open " + path + ": " + reason(errno));
    Input out;
    out.path_ = path;
    out.file_ = std::make_shared<File>(fd);
    struct stat about{};
    if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return fail(Code::invalid_argument, "MIGRATE-Op2",
                    path + (S_ISDIR(about.st_mode)
                                ? " is a folder, not a file"
                                : " is no file that can be read more than once, but a pipe or a device: write it to a file first"));
    out.stored_bytes_ = static_cast<std::uint64_t>(about.st_size);
    out.as_opened_ = FileState::of(fd);
    (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);

    auto& layers = out.file_->layers;
    const auto look_ahead = [&](ByteReader& from) -> Lookahead& {
        auto layer = std::make_unique<Lookahead>(from);
        Lookahead& added = *layer;
        layers.push_back(std::move(layer));
        return added;
    };

    Lookahead* text = &look_ahead(*out.file_);
    auto begin = text->look();
    if (!begin) return std::unexpected(out.in_place(begin.error()));
    if (begin->starts_with("\x1f\x8b")) {
        out.packing_.compression = Packing::Compression::gzip;
        layers.push_back(gunzip(*text));
    } else if (begin->starts_with("\x28\xb5\x2f\xfd")) {
        out.packing_.compression = Packing::Compression::zstd;
        layers.push_back(unzstd(*text));
    }
    if (out.packing_.compression != Packing::Compression::none) {
        text = &look_ahead(*layers.back());
        begin = text->look();
        if (!begin) return std::unexpected(out.in_place(begin.error()));
    }
    out.packing_.encoding = encoding_of(*begin);
    switch (out.packing_.encoding) {
        case Packing::Encoding::utf8:
            break;
        case Packing::Encoding::utf8_mark:
            text->drop(3);
            break;
        case Packing::Encoding::utf16le:
        case Packing::Encoding::utf16be:
            if (begin->starts_with("\xff\xfe") || begin->starts_with("\xfe\xff")) text->drop(2);
            layers.push_back(utf16_to_utf8(*text, out.packing_.encoding == Packing::Encoding::utf16be));
            break;
    }
    out.text_ = std::shared_ptr<ByteReader>(out.file_, layers.back().get());
    return out;
}

Error Input::in_place(Error error) const {
    error.message = path_ + ", at byte " + std::to_string(read_bytes()) + ": " + error.message;
    return error;
}

std::uint64_t Input::read_bytes() const { return file_->position(); }

Result<std::size_t> Input::read(std::span<char> out) {
    auto got = text_->read(out);
    if (!got) return std::unexpected(in_place(got.error()));
    if (*got == 0) TRY(same_file(path_, as_opened_, FileState::of(file_->fd())));
    text_bytes_ += *got;
    if (packing_.compression != Packing::Compression::none && text_bytes_ > kFreeBytes && text_bytes_ / kMaxRatio > read_bytes())
        return fail(Code::resource_exhausted, "MIGRATE-Bomb",
                    path_ + ": the first " + std::to_string(read_bytes()) + " bytes unpack to more than " + std::to_string(kMaxRatio) +
                        " times as many; unpack it yourself if that is right");
    return got;
}

}  // namespace godwit::migration
