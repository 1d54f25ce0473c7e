#include "migration/input/json_arrays.h"

#include "migration/input/files.h"
#include "migration/input/lines.h"

namespace godwit::migration {

Result<void> JsonArrays::open(std::size_t file) {
    if (file == open_file_) return {};
    if (open_) behind_ += open_->stored_bytes();
    json_.reset();
    open_ = TRY(Seekable::open(files_[file], scratch_));
    json_.emplace(open_->fd());
    open_file_ = file;
    return {};
}

Result<void> JsonArrays::scan(const std::string& path, const std::function<Result<void>(JsonFile::Cursor& root)>& look) {
    files_.push_back(path);
    TRY(open(files_.size() - 1));
    behind_ = 0;
    total_bytes_ += open_->stored_bytes();
    auto walked = json_->walk(look);
    scanned_.push_back(open_->as_opened());
    TRY(check_same(files_.size() - 1));
    if (!walked) return std::unexpected(in_file(path, walked.error()));
    return {};
}

/// What was found while scanning stands there only as long as nobody writes.
Result<void> JsonArrays::check_same(std::size_t file) const { return same_file(files_[file], scanned_[file], open_->now()); }

Result<bool> JsonArrays::next(std::string& bytes) {
    for (; array_ < arrays_.size(); ++array_, position_ = 0) {
        const Array& array = arrays_[array_];
        if (array_ == 0 && position_ == 0)
            open_file_ = SIZE_MAX, open_.reset();  // the file scanned last is read from its start, and counted
        const bool begins = position_ == 0;
        TRY(open(array.file));
        if (begins) TRY(check_same(array.file));
        const auto more = json_->next_element(array.range, position_, element_);
        if (!more || !*more) TRY(check_same(array.file));
        if (!more) return std::unexpected(in_file(files_[array.file], more.error()));
        if (!*more) continue;
        too_long_ = element_.size() > kMaxRecordBytes;
        JsonRange wanted = element_;
        if (too_long_) wanted.end = wanted.begin + kMaxRecordBytes;
        bytes = TRY(json_->bytes(wanted, kMaxRecordBytes));
        return true;
    }
    return false;
}

std::string JsonArrays::place() const { return (open_ ? open_->path() : "") + ", byte " + std::to_string(element_.begin); }

std::uint64_t JsonArrays::read_bytes() const {
    if (array_ == arrays_.size()) return total_bytes_;
    return behind_ + (open_ && position_ != 0 ? open_->stored_at(position_) : 0);
}

}  // namespace godwit::migration
