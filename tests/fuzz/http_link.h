// A connection without a socket, for the fuzz targets of HTTP: bytes in, bytes out, handlers that answer at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/lane.h"
#include "transport/http/exchange.h"

namespace godwit::http {

class FuzzLink final : public Link {
public:
    explicit FuzzLink(Core& shared) : Link(shared, Peer{.address = *parse_ip("10.0.0.1"), .address_text = "10.0.0.1", .trusted = true}) {}
    void post(std::move_only_function<void()> task) override { task(); }
    bool on_io_thread() const override { return true; }
    std::string_view date() const override { return "Sun, 06 Nov 1994 08:49:37 GMT"; }
    SteadyTime now() const override { return time; }

    SteadyTime time;
};

/// Handlers say what they were given, so that two readings of the same bytes show.
inline Core& fuzz_core() {
    static Lanes lanes(Lanes::default_limits());
    static Core& core = [] -> Core& {
        ServerOptions options;
        options.max_header_bytes = 4'096;
        options.max_header_fields = 20;
        static Core made(std::move(options), lanes, [](const Request& request) {
            Route route{.lane = Lane::in_line};
            route.max_body_bytes = request.path == "/small" ? 3 : 10'000;
            route.handle = [](Request& whole) {
                if (whole.version != Version::http1_0 && whole.host.empty()) std::abort();
                if (whole.path.empty() || whole.body.size() > 10'000) std::abort();
                std::string seen = whole.method + " " + whole.path + "?" + whole.query + " " + whole.host + ":" + whole.port + " " +
                                   whole.client_address + " " + whole.body;
                for (const auto& [name, value] : whole.headers) seen += "\n" + name + "=" + value;
                return text_response(200, std::move(seen));
            };
            return route;
        });
        made.trusted.push_back(*IpPrefix::parse("10.0.0.0/8"));
        return made;
    }();
    return core;
}

/// One connection from its first byte to its end.
class Conversation {
public:
    explicit Conversation(std::unique_ptr<Protocol> (*make)(Link&)) : link_(std::make_shared<FuzzLink>(fuzz_core())) {
        link_->protocol = make(*link_);
    }
    /// Nothing may be left of a connection that ended: no request, no memory taken for a body.
    ~Conversation() {
        link_->protocol->abandon();
        link_.reset();
        if (fuzz_core().exchanges != 0 || fuzz_core().bodies.held() != 0 || fuzz_core().small_bodies.held() != 0) std::abort();
    }
    Conversation(const Conversation&) = delete;

    bool finished() const { return link_->protocol->finished(); }

    void send(std::string_view bytes) {
        pending_ += bytes;
        for (std::size_t taken = 1; taken > 0 && !pending_.empty();) {
            taken = link_->protocol->receive(pending_);
            pending_.erase(0, taken);
            take_output();
        }
    }
    void wait(std::chrono::milliseconds time) {
        link_->time += time;
        link_->protocol->tick(link_->time);
        take_output();
    }
    /// The client sends no more. Answers all that came back.
    const std::string& end() {
        link_->protocol->end_of_input(!pending_.empty());
        take_output();
        return received_;
    }

private:
    void take_output() {
        link_->protocol->produce();
        received_ += std::exchange(link_->out, {});
    }

    std::shared_ptr<FuzzLink> link_;
    std::string pending_, received_;
};

/// What a client that sends `bytes` in pieces of `size` gets back.
inline std::string converse(std::unique_ptr<Protocol> (*make)(Link&), std::string_view bytes, std::size_t size) {
    Conversation conversation(make);
    for (; !bytes.empty() && !conversation.finished(); bytes.remove_prefix(std::min(size, bytes.size()))) {
        conversation.send(bytes.substr(0, size));
    }
    return conversation.end();
}

/// Whether `bytes` are whole HTTP/2 frames of types that a server may send (RFC 9113 section 4.1).
inline bool are_frames(std::string_view bytes) {
    while (bytes.size() >= 9) {
        const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
        const std::size_t length = byte(0) << 16 | byte(1) << 8 | byte(2);
        constexpr std::size_t kPushPromise = 5, kLast = 9;
        if (byte(3) > kLast || byte(3) == kPushPromise || bytes.size() - 9 < length) return false;
        bytes.remove_prefix(9 + length);
    }
    return bytes.empty();
}

}  // namespace godwit::http
