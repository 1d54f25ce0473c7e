// A connection without a socket, for the fuzz targets of HTTP: bytes in, bytes out, handlers that answer at once.
#pragma once

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
    SteadyTime now() const override { return {}; }
};

/// Handlers say what they were given, so that two readings of the same bytes show.
inline Core& fuzz_core() {
    static Lanes lanes(Lanes::default_limits());
    static Core& core = [] -> Core& {
        ServerOptions options;
        options.max_header_bytes = 4'096;
        options.max_header_fields = 20;
        static Core made(std::move(options), lanes, [](const Request& request) {
            Route route;
            route.lane = Lane::in_line;
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

/// What a client that sends `bytes` in pieces of `size` gets back.
inline std::string converse(std::unique_ptr<Protocol> (*make)(Link&), std::string_view bytes, std::size_t size) {
    const auto link = std::make_shared<FuzzLink>(fuzz_core());
    link->protocol = make(*link);
    std::string pending, all;
    const auto offer = [&] {
        for (std::size_t taken = 1; taken > 0 && !pending.empty();) {
            taken = link->protocol->receive(pending);
            pending.erase(0, taken);
            link->protocol->produce();
            all += std::exchange(link->out, {});
        }
    };
    for (; !bytes.empty() && !link->protocol->finished(); bytes.remove_prefix(std::min(size, bytes.size()))) {
        pending += bytes.substr(0, size);
        offer();
    }
    link->protocol->end_of_input(!pending.empty());
    link->protocol->produce();
    all += link->out;
    link->protocol->abandon();
    return all;
}

}  // namespace godwit::http
