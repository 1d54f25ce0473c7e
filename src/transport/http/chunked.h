// The chunked transfer coding of HTTP/1.1 (RFC 9112 section 7.1), read strictly: what one program takes for the end of a body
// and another does not is how requests are smuggled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace godwit::http {

class ChunkDecoder {
public:
    enum class Event {
        data,       ///< a piece of the body
        more,       ///< all input is used up, and the body goes on
        end,        ///< the last chunk and the trailers are over; the rest of the input is no part of the body
        malformed,  ///< also: extensions or trailers longer than 16 KiB in all
    };
    struct Step {
        Event event;
        std::string_view data;  ///< a view into the input
    };
    /// Takes bytes from the front of `input`. Extensions and trailers are checked for line ends and dropped.
    Step next(std::string_view& input);

private:
    enum class State { size, extension, size_lf, data, data_cr, data_lf, trailer_start, trailer, trailer_lf, last_lf, end, malformed };
    State after(char c);
    State after_size(char c);
    State spend(State state);

    State state_ = State::size;
    std::uint64_t left_ = 0;  ///< of the current chunk's data
    int digits_ = 0;
    std::size_t overhead_ = 0;
};

}  // namespace godwit::http
