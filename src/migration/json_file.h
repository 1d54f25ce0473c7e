// Walks a JSON file of any size in bounded memory: one window of the file, and the places of what was asked for.
//
// It checks structure (strings end, brackets match, members have names); whether a value is right in itself is checked
// by whoever decodes its bytes. RFC 8259.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::migration {

/// Where a value stands in the file: the bytes [begin, end).
struct JsonRange {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t size() const { return end - begin; }
    explicit operator bool() const { return end > begin; }
};

class JsonFile {
public:
    /// `fd` stays the caller's and must stay open.
    explicit JsonFile(int fd);

    /// A position in the file at which a value is due. The functions handed to `object` and `array` get one for each member
    /// or element; what they do not read is passed over.
    class Cursor {
    public:
        /// Calls `member` with each name (escapes resolved) of the object that stands here. Errors: invalid_argument (not an object, a
        /// name that comes twice, bad JSON with its byte position), or what `member` returned.
        Result<void> object(const std::function<Result<void>(std::string_view name, Cursor& value)>& member);
        /// Calls `element` for each element of the array that stands here.
        Result<void> array(const std::function<Result<void>(Cursor& value)>& element);
        /// Passes over the value and says where it stood.
        Result<JsonRange> skip();
        /// True when `null` stands here (which the protobuf JSON mapping takes for absent).
        Result<bool> is_null();
        /// Where the walk stands: after kind() the begin of the value, after it was read its end.
        std::uint64_t position() const { return file_.pos_; }
        /// The first byte of the value: '{', '[', '"', a digit, or the first letter of a literal.
        Result<char> kind();

    private:
        friend class JsonFile;
        explicit Cursor(JsonFile& file) : file_(file) {}
        JsonFile& file_;
        bool read_ = false;
    };

    /// Walks from the start of the file; `fn` gets the value. `empty_ok`: a file of white space alone never calls `fn`.
    /// Error when something but white space follows the value.
    Result<void> walk(const std::function<Result<void>(Cursor& value)>& fn);
    /// Walks a value found before by skip(). Walks of one JsonFile do not nest.
    Result<void> walk(JsonRange range, const std::function<Result<void>(Cursor& value)>& fn);

    /// The elements of an array found before, one at a time: `position` is 0 at first and then where the last call left it. False after the
    /// last element.
    Result<bool> next_element(JsonRange array, std::uint64_t& position, JsonRange& element);

    int fd() const { return fd_; }

    /// The bytes of a value, at most `max_bytes` of them (else resource_exhausted).
    Result<std::string> bytes(JsonRange range, std::uint64_t max_bytes);

private:
    static constexpr std::size_t kWindow = 1 << 20;
    static constexpr int kMaxDepth = 100;

    std::string_view
    ahead();     ///< bytes from pos_ on, as many as lie in the window; none at the end or after a read error (then failed_ is set)
    int peek();  ///< the byte at pos_, -1 where there is none
    template <class Wanted>
    void skip_until(Wanted wanted);  ///< moves on to the next byte that is wanted, or to the end
    int next() {
        const int c = peek();
        if (c >= 0) ++pos_;
        return c;
    }
    void skip_space();
    Result<void> skip_string();
    Result<std::string> read_string();
    Result<void> skip_container();
    std::unexpected<Error> wrong(std::string_view what) const;

    int fd_;
    std::string window_;
    std::uint64_t window_begin_ = 0, pos_ = 0, limit_ = UINT64_MAX;
    int depth_ = 0;
    bool failed_ = false;
};

}  // namespace godwit::migration
