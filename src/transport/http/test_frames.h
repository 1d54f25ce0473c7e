// For tests: an HTTP/2 client that does exactly what it is told, frame by frame.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/http/test_client.h"

namespace godwit::http::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A client of HTTP/2 (RFC 9113) without manners of its own: it sends what it is given, and shows what comes.
class Frames {
public:
    explicit Frames(const TestServer& to) : client_(to.server->port()) {
        nghttp2_hd_inflate_new(&inflater_);
        client_.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        send(NGHTTP2_SETTINGS, 0, 0, "");
        next(NGHTTP2_SETTINGS);
        send(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "");  // only then its windows count
    }
    ~Frames() { nghttp2_hd_inflate_del(inflater_); }
    Frames(const Frames&) = delete;
    Frames& operator=(const Frames&) = delete;

    static std::string frame(int type, int flags, std::int32_t stream, std::string_view payload) {
        std::string bytes = {static_cast<char>(payload.size() >> 16), static_cast<char>(payload.size() >> 8),
                             static_cast<char>(payload.size()), static_cast<char>(type), static_cast<char>(flags)};
        return bytes + number(static_cast<std::uint32_t>(stream)) + std::string(payload);
    }
    static std::string number(std::uint32_t value) {
        return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
    }
    /// HPACK, literals without indexing (RFC 7541 section 6.2.2).
    static std::string block(const Fields& fields) {
        std::string bytes;
        for (const auto& [name, value] : fields) bytes += std::string(1, '\0') + text(name) + text(value);
        return bytes;
    }
    static Fields request(std::string path, std::string method = "GET", Fields more = {}) {
        Fields fields = {{":method", std::move(method)}, {":scheme", "http"}, {":authority", "a"}, {":path", std::move(path)}};
        fields.insert(fields.end(), more.begin(), more.end());
        return fields;
    }

    bool send(int type, int flags, std::int32_t stream, std::string_view payload) {
        return client_.send(frame(type, flags, stream, payload));
    }
    bool send_raw(std::string_view bytes) { return client_.send(bytes); }
    bool headers(std::int32_t stream, const Fields& fields, bool last = true) {
        return send(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | (last ? NGHTTP2_FLAG_END_STREAM : 0), stream, block(fields));
    }
    bool data(std::int32_t stream, std::string_view bytes, bool last) {
        return send(NGHTTP2_DATA, last ? NGHTTP2_FLAG_END_STREAM : 0, stream, bytes);
    }
    bool reset(std::int32_t stream) { return send(NGHTTP2_RST_STREAM, 0, stream, number(NGHTTP2_CANCEL)); }
    bool widen(std::int32_t stream, std::uint32_t bytes) { return send(NGHTTP2_WINDOW_UPDATE, 0, stream, number(bytes)); }
    void hang_up() { client_.close(); }
    bool readable_within(std::chrono::milliseconds time) const { return read_ < buffer_.size() || client_.readable_within(time); }

    struct Frame {
        int type = -1;  ///< -1: the connection has ended
        int flags = 0;
        std::int32_t stream = 0;
        std::string payload;
        std::map<std::string, std::string> fields;
        bool last() const { return (flags & NGHTTP2_FLAG_END_STREAM) != 0; }
        std::uint32_t number(std::size_t at = 0) const {
            std::uint32_t value = 0;
            for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(payload.at(i));
            return value;
        }
    };
    Frame next() {
        Frame frame;
        if (!fill(9)) return frame;
        const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(buffer_[read_ + at]); };
        const std::size_t length = static_cast<std::size_t>(byte(0)) << 16 | static_cast<std::size_t>(byte(1)) << 8 | byte(2);
        if (!fill(9 + length)) return frame;
        frame.type = byte(3);
        frame.flags = byte(4);
        frame.stream = (byte(5) & 0x7f) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
        frame.payload = buffer_.substr(read_ + 9, length);
        read_ += 9 + length;
        if (frame.type == NGHTTP2_HEADERS) inflate(frame);
        return frame;
    }
    /// The next frame of that type, others passed over; type -1 when there is none.
    Frame next(int type, std::int32_t stream = -1) {
        for (;;) {
            Frame frame = next();
            if (frame.type == -1 || (frame.type == type && (stream == -1 || frame.stream == stream))) return frame;
        }
    }
    struct Answer {
        std::map<std::string, std::string> headers, trailers;
        std::string body;
        std::optional<std::uint32_t> reset;
    };
    Answer answer(std::int32_t stream) {
        Answer answer;
        for (;;) {
            const Frame frame = next();
            if (frame.type == -1) return answer;
            if (frame.stream != stream) continue;
            if (frame.type == NGHTTP2_HEADERS) (answer.headers.empty() ? answer.headers : answer.trailers) = frame.fields;
            if (frame.type == NGHTTP2_DATA) answer.body += frame.payload;
            if (frame.type == NGHTTP2_RST_STREAM) answer.reset = frame.number();
            if (answer.reset || ((frame.type == NGHTTP2_HEADERS || frame.type == NGHTTP2_DATA) && frame.last())) return answer;
        }
    }

private:
    static std::string text(std::string_view bytes) {
        std::string length;
        if (bytes.size() < 127) {
            length += static_cast<char>(bytes.size());
        } else {
            length += '\x7f';
            std::size_t rest = bytes.size() - 127;
            for (; rest >= 128; rest /= 128) length += static_cast<char>(rest % 128 + 128);
            length += static_cast<char>(rest);
        }
        return length + std::string(bytes);
    }
    bool fill(std::size_t bytes) {
        if (read_ > buffer_.size() / 2) buffer_.erase(0, std::exchange(read_, 0));
        while (buffer_.size() - read_ < bytes) {
            const std::string more = client_.receive_some();
            if (more.empty()) return false;
            buffer_ += more;
        }
        return true;
    }
    void inflate(Frame& frame) {
        const auto* at = reinterpret_cast<const std::uint8_t*>(frame.payload.data());
        std::size_t left = frame.payload.size();
        for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
            nghttp2_nv field{};
            const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
            if (used < 0) return;
            at += used;
            left -= static_cast<std::size_t>(used);
            if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) continue;
            frame.fields[{reinterpret_cast<const char*>(field.name), field.namelen}] = {reinterpret_cast<const char*>(field.value),
                                                                                        field.valuelen};
        }
        nghttp2_hd_inflate_end_headers(inflater_);
    }

    RawClient client_;
    std::string buffer_;
    std::size_t read_ = 0;  ///< of the buffer: moving the rest up for each of thousands of frames would be what a flood waits for
    nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace godwit::http::testing
