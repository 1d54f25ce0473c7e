// One port for HTTP/1.1 and HTTP/2, in clear text and under TLS; the first bytes (or ALPN) say which.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lane.h"
#include "base/result.h"
#include "transport/http/message.h"

namespace godwit::http {

/// How one request is to be carried out; found from its head, before its body is read.
struct Route {
    Lane lane = Lane::read;
    std::uint64_t max_body_bytes = 4u << 20;
    bool stream_body = false;  ///< hand the body over as Request::stream, as soon as the head is there
    std::function<Response(Request&)> handle;
};

/// Finds the route of a request (method, path, headers are set; body is not). Called on I/O threads: must not block.
/// Never fails: an unknown path is a Route that answers 404.
using Router = std::function<Route(const Request&)>;

struct TlsFiles {
    std::string certificate_pem;  ///< chain, leaf first
    std::string key_pem;
};

struct ServerOptions {
    std::string address = "::";  ///< "::" listens on IPv4 as well
    std::uint16_t port = 8080;   ///< 0: any free one
    std::optional<TlsFiles> tls;
    std::size_t io_threads = 1;
    std::size_t max_connections = 20'000;
    std::size_t max_header_bytes = 64 << 10;
    std::uint32_t max_streams = 250;  ///< concurrent ones of one HTTP/2 connection
    std::chrono::seconds header_timeout{10};
    std::chrono::seconds body_idle_timeout{30};  ///< no byte of a body for so long: 408
    std::chrono::seconds idle_timeout{120};      ///< a kept-alive connection without a request
    std::vector<std::string> trusted_proxies;    ///< CIDR prefixes whose Forwarded/X-Forwarded-* headers are believed
    /// Called after each response, on an I/O thread: access log and metrics. `route_lane` and durations included.
    struct Access {
        const Request& request;
        int status;
        std::uint64_t response_bytes;
        std::chrono::microseconds duration;
        Lane lane;
    };
    std::function<void(const Access&)> on_access;
};

class Server {
public:
    /// Binds and listens; errors: failed_precondition (address in use, bad certificate) with what to do.
    static Result<std::unique_ptr<Server>> listen(ServerOptions options, Lanes& lanes, Router router);
    virtual ~Server() = default;

    virtual std::uint16_t port() const = 0;
    /// Takes no new connections, finishes what is under way (GOAWAY, Connection: close), at most `grace`; then returns.
    virtual void drain(std::chrono::seconds grace) = 0;
};

}  // namespace godwit::http
