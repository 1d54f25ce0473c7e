// The lines of several files one after the other: what NDJSON sources read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migration/input/input.h"

namespace godwit::migration {

/// No record of any source is longer; a longer one fails alone.
inline constexpr std::size_t kMaxRecordBytes = 16u << 20;
/// What becomes of that one; `what` begins the sentence: "the record is", "users.ndjson, line 17:".
Error record_too_long(std::string what);

class Lines {
public:
    /// Opens the first; the others when they are due.
    static Result<Lines> open(std::vector<std::string> paths);

    /// The next line that is not blank, without its end (LF or CRLF); false after the last. One longer than kMaxRecordBytes comes as its
    /// first bytes, and too_long() is true. Errors: those of Input.
    Result<bool> next(std::string& line);
    bool too_long() const { return too_long_; }

    /// Where the last line begins in the text of its file.
    std::uint64_t offset() const { return offset_; }
    /// "users.ndjson, line 17": of the last line.
    std::string place() const;
    std::uint64_t total_bytes() const { return total_bytes_; }
    std::uint64_t read_bytes() const;

private:
    Lines() = default;
    Result<bool> fill();
    Result<bool> raw(std::string& line);

    std::vector<std::string> paths_;
    std::size_t at_ = 0;  ///< of paths_, the open one
    std::optional<Input> input_;
    std::string buffer_;
    std::size_t position_ = 0;  ///< in buffer_
    std::uint64_t line_ = 0, total_bytes_ = 0, behind_ = 0;
    std::uint64_t offset_ = 0, text_bytes_ = 0;  ///< text_bytes_: before what lies in buffer_
    bool too_long_ = false;
};

}  // namespace godwit::migration
