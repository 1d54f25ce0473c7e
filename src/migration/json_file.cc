#include "migration/json_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace godwit::migration {
namespace {

bool is_space(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The bytes that may stand in a number or a literal; the decoder of the value says whether they make one.
bool is_scalar(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

int hex_digit(int c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void append_utf8(std::string& out, unsigned c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {  // member names of the contract are ASCII: a surrogate pair is kept as two, it matches no name either way
        out += static_cast<char>(0xe0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

}  // namespace

JsonFile::JsonFile(int fd) : fd_(fd) {}

std::unexpected<Error> JsonFile::wrong(std::string_view what) const {
    if (failed_) return fail(Code::unavailable, "IMPORT-Rd1", "the spooled file could not be read");
    return fail(Code::invalid_argument, "IMPORT-Js1", "the JSON is malformed at byte " + std::to_string(pos_) + ": " + std::string(what));
}

std::string_view JsonFile::ahead() {
    if (pos_ >= limit_) return {};
    if (pos_ < window_begin_ || pos_ >= window_begin_ + window_.size()) {
        window_.resize(kWindow);
        const ssize_t got = ::pread(fd_, window_.data(), window_.size(), static_cast<off_t>(pos_));
        if (got < 0) failed_ = true;
        window_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        window_begin_ = pos_;
    }
    return std::string_view(window_).substr(pos_ - window_begin_, limit_ - pos_);
}

int JsonFile::peek() {
    const std::string_view bytes = ahead();
    return bytes.empty() ? -1 : static_cast<unsigned char>(bytes.front());
}

template <class Wanted>
void JsonFile::skip_until(Wanted wanted) {
    for (std::string_view bytes = ahead(); !bytes.empty(); bytes = ahead()) {
        const auto found = std::find_if(bytes.begin(), bytes.end(), wanted);
        pos_ += static_cast<std::uint64_t>(found - bytes.begin());
        if (found != bytes.end()) return;
    }
}

void JsonFile::skip_space() {
    while (is_space(peek())) ++pos_;
}

Result<void> JsonFile::skip_string() {
    if (next() != '"') return wrong("a string is due");
    for (;;) {
        skip_until([](char c) { return c == '"' || c == '\\'; });
        const int c = next();
        if (c == '"') return {};
        if (c < 0 || next() < 0) return wrong("a string does not end");
    }
}

Result<std::string> JsonFile::read_string() {
    if (next() != '"') return wrong("a member's name is due");
    std::string out;
    for (;;) {
        const int c = next();
        if (c == '"') return out;
        if (c < 0) return wrong("a string does not end");
        if (out.size() > 4096) return wrong("a member's name is too long");
        if (c != '\\') {
            out += static_cast<char>(c);
            continue;
        }
        const int escaped = next();
        constexpr std::array<std::pair<char, char>, 8> kPlain{
            {{'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}}};
        bool known = false;
        for (const auto& [letter, byte] : kPlain)
            if (escaped == letter) out += byte, known = true;
        if (known) continue;
        if (escaped != 'u') return wrong("an unknown escape");
        unsigned value = 0;
        for (int i = 0; i < 4; ++i) {
            const int digit = hex_digit(next());
            if (digit < 0) return wrong("\\u needs four hexadecimal digits");
            value = value * 16 + static_cast<unsigned>(digit);
        }
        append_utf8(out, value);
    }
}

Result<void> JsonFile::skip_container() {
    std::array<char, kMaxDepth> open{};
    int depth = 0;
    do {
        skip_until([](char c) { return c == '"' || c == '{' || c == '}' || c == '[' || c == ']'; });
        const int c = peek();
        if (c == '"') {
            TRY(skip_string());
            continue;
        }
        if (c < 0) return wrong("an object or array does not end");
        ++pos_;
        if (c == '{' || c == '[') {
            if (depth + depth_ >= kMaxDepth) return wrong("nested deeper than 100");
            open[static_cast<std::size_t>(depth++)] = static_cast<char>(c);
        } else if (c == '}' || c == ']') {
            if (open[static_cast<std::size_t>(depth - 1)] != (c == '}' ? '{' : '[')) return wrong("brackets do not match");
            --depth;
        }
    } while (depth > 0);
    return {};
}

Result<char> JsonFile::Cursor::kind() {
    file_.skip_space();
    const int c = file_.peek();
    if (c < 0) return file_.wrong("a value is due");
    return static_cast<char>(c);
}

Result<JsonRange> JsonFile::Cursor::skip() {
    read_ = true;
    const char c = TRY(kind());
    JsonRange range{file_.pos_, 0};
    if (c == '"') {
        TRY(file_.skip_string());
    } else if (c == '{' || c == '[') {
        TRY(file_.skip_container());
    } else if (is_scalar(c)) {
        while (is_scalar(file_.peek())) ++file_.pos_;
    } else {
        return file_.wrong("a value is due");
    }
    range.end = file_.pos_;
    return range;
}

Result<bool> JsonFile::Cursor::is_null() { return TRY(kind()) == 'n'; }

Result<void> JsonFile::Cursor::object(const std::function<Result<void>(std::string_view, Cursor&)>& member) {
    read_ = true;
    if (TRY(kind()) != '{') return file_.wrong("an object is due");
    if (++file_.depth_ > kMaxDepth) return file_.wrong("nested deeper than 100");
    ++file_.pos_;
    std::unordered_set<std::string> seen;
    file_.skip_space();
    if (file_.peek() == '}') {
        ++file_.pos_;
        --file_.depth_;
        return {};
    }
    for (;;) {
        file_.skip_space();
        const std::string name = TRY(file_.read_string());
        if (!seen.insert(name).second) return file_.wrong("member \"" + name + "\" comes twice");
        file_.skip_space();
        if (file_.next() != ':') return file_.wrong("':' is due");
        Cursor value(file_);
        TRY(member(name, value));
        if (!value.read_) TRY(value.skip());
        file_.skip_space();
        const int c = file_.next();
        if (c == '}') break;
        if (c != ',') return file_.wrong("',' or '}' is due");
    }
    --file_.depth_;
    return {};
}

Result<void> JsonFile::Cursor::array(const std::function<Result<void>(Cursor&)>& element) {
    read_ = true;
    if (TRY(kind()) != '[') return file_.wrong("an array is due");
    if (++file_.depth_ > kMaxDepth) return file_.wrong("nested deeper than 100");
    ++file_.pos_;
    file_.skip_space();
    if (file_.peek() == ']') {
        ++file_.pos_;
        --file_.depth_;
        return {};
    }
    for (;;) {
        Cursor value(file_);
        TRY(element(value));
        if (!value.read_) TRY(value.skip());
        file_.skip_space();
        const int c = file_.next();
        if (c == ']') break;
        if (c != ',') return file_.wrong("',' or ']' is due");
    }
    --file_.depth_;
    return {};
}

Result<void> JsonFile::walk(const std::function<Result<void>(Cursor&)>& fn) {
    pos_ = 0, limit_ = UINT64_MAX, depth_ = 0;
    skip_space();
    if (peek() < 0) return failed_ ? Result<void>(wrong("")) : Result<void>{};  // an empty body is an empty message
    Cursor value(*this);
    TRY(fn(value));
    if (!value.read_) TRY(value.skip());
    skip_space();
    if (peek() >= 0) return wrong("something follows the object");
    return {};
}

Result<void> JsonFile::walk(JsonRange range, const std::function<Result<void>(Cursor&)>& fn) {
    pos_ = range.begin, limit_ = range.end, depth_ = 0;
    Cursor value(*this);
    auto result = fn(value);
    limit_ = UINT64_MAX;
    return result;
}

Result<bool> JsonFile::next_element(JsonRange array, std::uint64_t& position, JsonRange& element) {
    pos_ = position == 0 ? array.begin : position, limit_ = array.end, depth_ = 1;
    skip_space();
    const int c = next();
    if (position == 0 && c != '[') return wrong("an array is due");
    skip_space();
    if ((position == 0 ? peek() : c) == ']') return false;
    if (position != 0 && c != ',') return wrong("',' or ']' is due");
    element = TRY(Cursor(*this).skip());
    position = pos_;
    limit_ = UINT64_MAX;
    return true;
}

Result<std::string> JsonFile::bytes(JsonRange range, std::uint64_t max_bytes) {
    if (range.size() > max_bytes)
        return fail(Code::resource_exhausted, "IMPORT-Bg1",
                    "the record at byte " + std::to_string(range.begin) + " is longer than " + std::to_string(max_bytes) + " bytes");
    if (range.begin >= window_begin_ && range.end <= window_begin_ + window_.size())
        return window_.substr(range.begin - window_begin_, range.size());
    std::string out(range.size(), '\0');
    std::uint64_t have = 0;
    while (have < out.size()) {
        const ssize_t got = ::pread(fd_, out.data() + have, out.size() - have, static_cast<off_t>(range.begin + have));
        if (got <= 0) return fail(Code::unavailable, "IMPORT-Rd1", "the spooled file could not be read");
        have += static_cast<std::uint64_t>(got);
    }
    return out;
}

}  // namespace godwit::migration
