// Requests and responses as handlers see them, whichever HTTP version carried them (RFC 9110).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace godwit::http {

/// Field names are kept lower case; order and repetition are kept.
class Headers {
public:
    void add(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);  ///< replaces all of that name
    void remove(std::string_view name);                       ///< all of that name
    /// The first value of that name; nullptr when absent.
    const std::string* find(std::string_view name) const;
    std::string_view get(std::string_view name) const;  ///< "" when absent
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request body read piece by piece on a worker thread, with flow control towards the sender.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    /// Waits for the next piece (of any size up to some 100 KiB); an empty string is the end. Errors, which stay: cancelled (the
    /// client left), deadline_exceeded (nothing came for too long, or the request's deadline passed: 408), resource_exhausted
    /// (longer than the route allows: 413), invalid_argument (broken chunks: 400).
    virtual Result<std::string> read() = 0;
    /// The same without waiting: nullopt when nothing is there yet; then `wake` is called once, on any thread, when asking again is
    /// worth it. For answers that are made as the request comes, and hold no worker meanwhile.
    virtual std::optional<Result<std::string>> poll(std::function<void()> wake) {
        (void)wake;
        return read();
    }
};

enum class Version { http1_0, http1_1, http2 };

struct Request {
    std::string method;
    std::string path;   ///< as sent, undecoded, without the query; begins with "/", or is "*" (OPTIONS)
    std::string query;  ///< without '?'
    Headers headers;
    /// The whole body, unless the route asked for a stream; then `stream` is set and this is empty.
    std::string body;
    std::unique_ptr<BodyStream> stream;

    Version version = Version::http1_1;
    /// Canonical host (Host or :authority, or what a trusted proxy forwarded): lower case, no trailing dot, an IPv6 address in its
    /// brackets; and its port text, "" when none was given. Both empty only for HTTP/1.0 without Host.
    std::string host, port;
    bool secure = false;         ///< TLS here, or before this server (ServerOptions)
    std::string client_address;  ///< an IP address, without brackets: the peer's, or what a trusted proxy forwarded
    std::string id;              ///< request id: taken from a trusted proxy's x-request-id, else made here
    std::optional<std::chrono::steady_clock::time_point> deadline;
    /// True once the client has gone or the deadline (set by whoever knows one) has passed; long handlers ask now and then.
    /// Callable from any thread until the response is complete.
    std::function<bool()> cancelled = [] { return false; };
};

/// A response body made piece by piece (SSE, server-streaming RPCs, large exports); never holds a worker between pieces.
/// Its functions are called one at a time, but from different threads; it is destroyed as soon as the client has gone.
class BodySource {
public:
    virtual ~BodySource() = default;
    /// Called on a worker of the `read` lane when the client can take more. nullopt: the end. "": nothing for now, the server
    /// asks again after `wake`.
    virtual std::optional<std::string> next() = 0;
    /// Called once, before the first next(): `wake` may be called at any time on any thread, also after the source's end.
    virtual void on_start(std::function<void()> wake) { (void)wake; }
    /// Asked after the end: sent after those of the response (HTTP/2 only). How a stream of RPC answers says its status.
    virtual Headers trailers() { return {}; }
    /// Asked after the end: true breaks the transfer off visibly instead of ending it well.
    virtual bool failed() const { return false; }
};

struct Response {
    int status = 200;
    /// Length, connection, transfer encoding and date are the server's; a handler's own are ignored.
    Headers headers;
    std::variant<std::string, std::unique_ptr<BodySource>> body;
    Headers trailers;  ///< HTTP/2 only (gRPC)
};

/// A plain-text answer with a content type; the common case of pages and errors.
Response text_response(int status, std::string body, std::string_view content_type = "text/plain; charset=utf-8");

}  // namespace godwit::http
