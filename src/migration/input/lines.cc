#include "migration/input/lines.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kWindow = 1u << 20;

}  // namespace

Error record_too_long(std::string what) { return {Code::resource_exhausted, "record.too_long", std::move(what) + " longer than 16 MiB"}; }

Result<Lines> Lines::open(std::vector<std::string> paths) {
    Lines out;
    out.paths_ = std::move(paths);
    for (const std::string& path : out.paths_) {
        struct stat about{};
        if (::stat(path.c_str(), &about) == 0) out.total_bytes_ += static_cast<std::uint64_t>(about.st_size);
    }
    if (!out.paths_.empty()) out.input_ = TRY(Input::open(out.paths_.front()));
    return out;
}

Result<bool> Lines::fill() {
    text_bytes_ += buffer_.size();
    buffer_.resize(kWindow);
    position_ = 0;
    const auto got = input_->read(buffer_);
    buffer_.resize(got ? *got : 0);
    if (!got) return std::unexpected(got.error());
    return *got != 0;
}

/// As it stands, blank or not; false at the end of this file.
Result<bool> Lines::raw(std::string& line) {
    line.clear();
    too_long_ = false;
    bool any = false;
    offset_ = text_bytes_ + position_;
    for (;;) {
        if (position_ == buffer_.size() && !TRY(fill())) break;
        any = true;
        const std::size_t end = buffer_.find('\n', position_);
        const std::size_t length = (end == std::string::npos ? buffer_.size() : end) - position_;
        const std::size_t room = kMaxRecordBytes - std::min(line.size(), kMaxRecordBytes);
        too_long_ = too_long_ || length > room;
        line.append(buffer_, position_, std::min(length, room));
        position_ += length + (end == std::string::npos ? 0 : 1);
        if (end != std::string::npos) break;
    }
    if (any) ++line_;
    if (line.ends_with('\r')) line.pop_back();
    return any;
}

Result<bool> Lines::next(std::string& line) {
    while (input_) {
        while (TRY(raw(line))) {
            if (!std::ranges::all_of(line, is_ascii_space)) return true;
        }
        behind_ += input_->stored_bytes();
        input_.reset();
        line_ = text_bytes_ = 0;
        if (++at_ < paths_.size()) input_ = TRY(Input::open(paths_[at_]));
    }
    return false;
}

std::string Lines::place() const { return (at_ < paths_.size() ? paths_[at_] : "") + ", line " + std::to_string(line_); }

std::uint64_t Lines::read_bytes() const { return behind_ + (input_ ? input_->read_bytes() : 0); }

}  // namespace godwit::migration
