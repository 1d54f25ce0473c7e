// One port for HTTP/1.1 and HTTP/2, in clear text and under TLS; the first bytes (or ALPN) say which.
#pragma once

#include <chrono>
#include <cstddef>
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

/// Bodies that are never longer than this are small: memory for them is set aside (ServerOptions::max_reserved_bytes).
inline constexpr std::uint64_t kSmallBody = 64u << 10;

/// A lane that somebody has named: it has no default, so that no route and no RPC comes about without one.
class DeclaredLane {
public:
    constexpr DeclaredLane(Lane lane) : lane_(lane) {}
    constexpr operator Lane() const { return lane_; }

private:
    Lane lane_;
};

/// What a request counts as where requests are limited (app/throttle.h), besides that it is one.
enum class Toll {
    none,
    authorize,  ///< stores a row for whoever asks
    password,   ///< a form of the sign-in: most cost a password hash
    token,      ///< brings a token: counts when that is refused (401)
    secret,     ///< brings a secret, a code, an assertion: counts when that is refused (400, 401)
};

/// How one request is to be carried out; found from its head, before its body is read.
struct Route {
    DeclaredLane lane;
    std::uint64_t max_body_bytes = 4u << 20;
    /// Hand the body over as Request::stream, as soon as the head is there. Reading it blocks: with Lane::in_line it is Lane::read.
    bool stream_body = false;
    /// A streamed body that may pause for as long as it likes (gRPC client streams): body_idle_timeout does not count.
    bool body_may_rest = false;
    /// The handler looks at Content-Encoding itself. For all others a body in any coding is refused: 415.
    bool takes_content_coding = false;
    Toll toll = Toll::none;
    std::function<Response(Request&)> handle = {};
    /// Where what is in the body decides on the cost: the lane, asked once the whole body is there (on the I/O thread: a look, no
    /// decoding). Empty: `lane` it is.
    std::function<Lane(const Request&)> lane_of_body = {};
};

/// Finds the route of a request (method, path, headers are set; body is not). Called on I/O threads: must not block.
/// Never fails: an unknown path or method is a Route that answers 404 or 405.
using Router = std::function<Route(const Request&)>;

/// PEM text, not file names.
struct TlsFiles {
    std::string certificate_pem;  ///< chain, leaf first
    std::string key_pem;          ///< unencrypted
};

/// A request that the server itself turns away: malformed, too large, too slow, too many.
struct Refusal {
    int status = 400;
    std::string message;                  ///< for people; says what was wrong
    std::chrono::seconds retry_after{0};  ///< sent as Retry-After when not 0
};
/// `{"code":<canonical code>,"message":"…"}`
Response json_refusal(const Refusal& refusal);

struct ServerOptions {
    std::string address = "::";  ///< "::" listens on IPv4 as well
    std::uint16_t port = 8080;   ///< 0: any free one
    std::optional<TlsFiles> tls;
    std::size_t io_threads = 1;
    std::size_t max_connections = 20'000;
    /// Those of one client (an address, or an IPv6 /64 network) at most; trusted proxies speak for many, and are not counted.
    std::size_t max_connections_per_client = 2'000;
    std::size_t max_header_bytes = 64 << 10;
    std::size_t max_header_fields = 200;
    std::uint32_t max_streams = 250;  ///< requests under way at once on one HTTP/2 connection
    /// Request bodies held in memory at once, over all connections (not those read as streams), and what single connections make
    /// the server keep for them beyond a little: large heads of requests under way, answers that are not taken. Above it: 503.
    std::uint64_t max_buffered_bytes = 512u << 20;
    /// Of that, for one client (Request::client_address; one IPv6 /64 network); above it: 503, for this client alone.
    std::uint64_t max_buffered_bytes_per_client = 64u << 20;
    /// Besides, for routes with a max_body_bytes of at most kSmallBody (forms, token requests) alone: people sign in while others
    /// send files.
    std::uint64_t max_reserved_bytes = 64u << 20;
    std::uint64_t max_reserved_bytes_per_client = 8u << 20;
    std::chrono::milliseconds header_timeout{10'000};     ///< for a whole head, however its bytes drip: 408
    std::chrono::milliseconds body_idle_timeout{30'000};  ///< the window for min_bytes_per_second: 408
    std::chrono::milliseconds idle_timeout{120'000};      ///< a kept-alive connection without a request
    /// Whoever sends a body, or takes an answer, more slowly than this over a whole body_idle_timeout is cut off; waiting for a
    /// handler that does not read is not held against the client.
    std::uint64_t min_bytes_per_second = 100;
    /// TLS ends before this server (at a proxy, a load balancer): requests count as secure unless a trusted proxy says otherwise.
    bool secure_outside = false;
    std::vector<std::string> trusted_proxies;  ///< CIDR prefixes whose Forwarded, X-Forwarded-* and X-Request-Id are believed
    /// How a refusal looks to the client, its status too. `request` is null when not even its head could be read.
    std::function<Response(const Refusal&, const Request* request)> on_refusal;
    /// Called after each response, on an I/O thread: access log and metrics.
    struct Access {
        const Request& request;  ///< body and stream are gone; method may be empty when the head was unreadable
        int status;              ///< 499: the client left before there was an answer
        std::uint64_t response_bytes;
        std::chrono::microseconds duration;
        Lane lane;
    };
    std::function<void(const Access&)> on_access;
};

class Server {
public:
    /// Binds and listens; errors: failed_precondition (address in use, bad certificate), invalid_argument (an option), with what to
    /// do. `lanes` outlives the server.
    static Result<std::unique_ptr<Server>> listen(ServerOptions options, Lanes& lanes, Router router);
    /// Closes everything, and waits until every handler under way has returned (their `cancelled` says true).
    virtual ~Server() = default;

    virtual std::uint16_t port() const = 0;
    /// New connections get this certificate; those that are open keep theirs. An error leaves the old one in use.
    virtual Result<> reload_tls(const TlsFiles& files) = 0;
    /// Takes no new connections, finishes what is under way (GOAWAY, Connection: close), at most `grace`; then returns.
    virtual void drain(std::chrono::milliseconds grace) = 0;

    struct Load {
        std::size_t connections;
        std::size_t requests;  ///< from head to end of response
        std::uint64_t buffered_bytes;
    };
    virtual Load load() const = 0;
};

}  // namespace godwit::http
