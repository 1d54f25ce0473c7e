// The elements of arrays somewhere within JSON files, one after the other: what sources read that are no NDJSON.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "migration/input/seekable.h"
#include "migration/json_file.h"

namespace godwit::migration {

class JsonArrays {
public:
    explicit JsonArrays(std::string scratch) : scratch_(std::move(scratch)) {}

    /// Walks a file to its end; `look` finds the arrays and calls add() with each. Files are open one at a time: an export may have
    /// thousands. Errors name the file.
    Result<void> scan(const std::string& path, const std::function<Result<void>(JsonFile::Cursor& root)>& look);
    /// While scanning: the bytes of a value found.
    Result<std::string> bytes(JsonRange range, std::uint64_t max_bytes) { return json_->bytes(range, max_bytes); }
    void add(JsonRange array) { arrays_.push_back({files_.size() - 1, array}); }

    /// The next element as it stands in the file; false after the last of the last array. Of one longer than a record may be the begin
    /// comes, and too_long() is true.
    Result<bool> next(std::string& bytes);
    bool too_long() const { return too_long_; }
    /// "acme-users-0.json, byte 17": of the last element.
    std::string place() const;

    std::uint64_t total_bytes() const { return total_bytes_; }
    std::uint64_t read_bytes() const;

private:
    struct Array {
        std::size_t file;
        JsonRange range;
    };
    Result<void> open(std::size_t file);
    Result<void> check_same(std::size_t file) const;

    std::string scratch_;
    std::vector<std::string> files_;
    std::vector<FileState> scanned_;  ///< each of files_, as it was then
    std::vector<Array> arrays_;
    std::uint64_t total_bytes_ = 0, behind_ = 0;

    std::optional<Seekable> open_;
    std::optional<JsonFile> json_;
    std::size_t open_file_ = SIZE_MAX, array_ = 0;
    std::uint64_t position_ = 0;  ///< in the array, as next_element() has it
    JsonRange element_;
    bool too_long_ = false;
};

}  // namespace godwit::migration
