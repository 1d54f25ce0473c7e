// HTTP/2 connections made of whole frames: the input is a script, each byte of which a client's next step. What bytes alone seldom
// reach is common here: many streams, header blocks in pieces, bodies, resets, windows, time that passes.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http_link.h"
#include "transport/http/http2.h"

namespace {

using namespace godwit::http;

enum FrameType : char { data, headers, priority, reset, settings, push, ping, goaway, window, continuation };
constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4, kPadded = 8;

class Script {
public:
    explicit Script(std::string_view bytes) : rest_(bytes) {}

    bool done() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    std::string_view text(std::size_t length) {
        const auto piece = rest_.substr(0, length);
        rest_.remove_prefix(piece.size());
        return piece;
    }

private:
    std::string_view rest_;
};

std::string number(std::uint32_t value, int bytes) {
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
    return out;
}

std::string frame(char type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    return number(static_cast<std::uint32_t>(payload.size()), 3) + type + static_cast<char>(flags) + number(stream, 4) +
           std::string(payload);
}

/// RFC 7541 section 6.2: a literal with a new name, kept in the dynamic table or not.
std::string field(std::string_view name, std::string_view value, bool indexed) {
    std::string out(1, indexed ? '\x40' : '\0');
    out += static_cast<char>(name.size() & 0x7f);
    out += name.substr(0, 0x7f);
    out += static_cast<char>(value.size() & 0x7f);
    out += value.substr(0, 0x7f);
    return out;
}

std::string header_block(Script& script) {
    constexpr std::array<std::string_view, 4> kMethods{"GET", "POST", "HEAD", "OPTIONS"};
    constexpr std::array<std::string_view, 6> kPaths{"/", "/small", "*", "http://a/x", "/x?y=%zz", ""};
    constexpr std::array<std::string_view, 8> kNames{"content-length", "host",    "cookie",           "expect", "te",
                                                     "x-test",         ":status", "transfer-encoding"};
    constexpr std::array<std::string_view, 6> kValues{"a", "0", "5", "100-continue", "trailers", "99999999999999999999"};
    const std::uint8_t shape = script.byte();
    const bool indexed = (shape & 0x80) != 0;
    std::string block = field(":method", kMethods[shape & 3], indexed) + field(":scheme", "http", indexed) +
                        field(":path", kPaths[(shape >> 2 & 7) % kPaths.size()], indexed) + field(":authority", "a", indexed);
    for (int more = shape >> 5 & 3; more > 0; --more) {
        const std::uint8_t choice = script.byte();
        const auto name = choice & 0x40 ? script.text(choice & 15) : kNames[choice & 7];
        const auto value = choice & 0x80 ? script.text(script.byte()) : kValues[(choice >> 3 & 7) % kValues.size()];
        block += field(name, value, indexed);
    }
    return block;
}

/// What the client does next; "" when it only waits.
std::string step(Script& script, Conversation& conversation) {
    const std::uint8_t what = script.byte();
    const std::uint32_t stream = (what >> 4) * 2U + 1;  // of eight streams; the same again is a mistake that must be survived
    const std::uint8_t flags = script.byte();
    switch (what & 15) {
        case 0:
        case 1:
            return frame(headers, kEndHeaders | kEndStream, stream, header_block(script));
        case 2:
            return frame(headers, kEndHeaders, stream, header_block(script));
        case 3:
            return frame(headers, flags & (kEndStream | kEndHeaders), stream, header_block(script));
        case 4:
            return frame(continuation, flags & kEndHeaders, stream, script.text(script.byte()));
        case 5:
            return frame(data, flags & kEndStream, stream, std::string(script.byte() * 17U, 'x'));
        case 6:
            return frame(data, flags & (kEndStream | kPadded), stream, script.text(script.byte()));
        case 7:
            return frame(reset, 0, stream, number(flags, 4));
        case 8:
            return frame(window, 0, flags & 1 ? stream : 0, number(flags & 2 ? 0x7fffffffU : script.byte(), 4));
        case 9:
            return frame(settings, 0, 0, number(flags & 7, 2) + number(flags & 8 ? 0xffffffffU : script.byte(), 4));
        case 10:
            return frame(flags & 1 ? ping : settings, flags & 2 ? 1 : 0, 0, flags & 1 ? "12345678" : "");
        case 11:
            return frame(priority, 0, stream, number(script.byte(), 4) + "\x10");
        case 12:
            return frame(static_cast<char>(flags), script.byte(), stream, script.text(script.byte()));
        case 13:
            return frame(headers, kEndHeaders | kEndStream, stream, script.text(script.byte()));
        case 14:
            return frame(goaway, 0, 0, number(stream, 4) + number(flags, 4));
        default:
            conversation.wait(std::chrono::milliseconds(flags * 200));
            return {};
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4'000) return 0;
    Script script({reinterpret_cast<const char*>(data), size});
    Conversation conversation(make_http2);
    conversation.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(settings, 0, 0, ""));
    while (!script.done() && !conversation.finished()) conversation.send(step(script, conversation));
    if (!are_frames(conversation.end())) std::abort();
    return 0;
}
