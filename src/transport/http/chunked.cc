#include "transport/http/chunked.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::http {
namespace {

constexpr std::size_t kMaxOverhead = 16 << 10;
constexpr int kMaxDigits = 15;  // 2^60 bytes: no overflow, and more than any limit

/// -1 when it is none.
int hex_value(char c) {
    if (is_ascii_digit(c)) return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_line_char(char c) { return c == '\t' || (c >= ' ' && c != 0x7f) || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

ChunkDecoder::Step ChunkDecoder::next(std::string_view& input) {
    while (!input.empty() && state_ != State::end && state_ != State::malformed) {
        if (state_ == State::data) {
            const auto piece = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
            input.remove_prefix(piece.size());
            left_ -= piece.size();
            if (left_ == 0) state_ = State::data_cr;
            return {Event::data, piece};
        }
        state_ = after(input.front());
        input.remove_prefix(1);
    }
    if (state_ == State::end) return {Event::end, {}};
    return {state_ == State::malformed ? Event::malformed : Event::more, {}};
}

ChunkDecoder::State ChunkDecoder::after(char c) {
    const auto expect = [c](char wanted, State then) { return c == wanted ? then : State::malformed; };
    switch (state_) {
        case State::size:
            return after_size(c);
        case State::extension:
            if (c == '\r') return State::size_lf;
            return is_line_char(c) ? spend(State::extension) : State::malformed;
        case State::size_lf:
            digits_ = 0;
            return expect('\n', left_ == 0 ? State::trailer_start : State::data);
        case State::data_cr:
            return expect('\r', State::data_lf);
        case State::data_lf:
            return expect('\n', State::size);
        case State::trailer_start:
            if (c == '\r') return State::last_lf;
            // A line that continues the one before is read in two ways; so is one without a name.
            return is_line_char(c) && c != ' ' && c != '\t' && c != ':' ? spend(State::trailer) : State::malformed;
        case State::trailer:
            if (c == '\r') return State::trailer_lf;
            return is_line_char(c) ? spend(State::trailer) : State::malformed;
        case State::trailer_lf:
            return expect('\n', State::trailer_start);
        case State::last_lf:
            return expect('\n', State::end);
        case State::data:
        case State::end:
        case State::malformed:
            break;
    }
    return State::malformed;
}

ChunkDecoder::State ChunkDecoder::after_size(char c) {
    const int value = hex_value(c);
    if (value >= 0) {
        if (++digits_ > kMaxDigits) return State::malformed;
        left_ = left_ * 16 + static_cast<std::uint64_t>(value);
        return State::size;
    }
    if (digits_ == 0) return State::malformed;
    if (c == '\r') return State::size_lf;
    return c == ';' ? spend(State::extension) : State::malformed;
}

ChunkDecoder::State ChunkDecoder::spend(State state) { return ++overhead_ > kMaxOverhead ? State::malformed : state; }

}  // namespace godwit::http
