// Requests and responses as handlers see them, whichever HTTP version carried them (RFC 9110).
#pragma once

#include <chrono>
#include <cstdint>
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
    /// Waits for the next piece; an empty string is the end. Errors: cancelled (the client left), deadline_exceeded (408),
    /// resource_exhausted (longer than the route allows, 413).
    virtual Result<std::string> read() = 0;
};

enum class Version { http1_0, http1_1, http2 };

struct Request {
    std::string method;
    std::string path;   ///< as sent, undecoded, without the query
    std::string query;  ///< without '?'
    Headers headers;
    /// The whole body, unless the route asked for a stream; then `stream` is set and this is empty.
    std::string body;
    std::unique_ptr<BodyStream> stream;

    Version version = Version::http1_1;
    /// Lower case host (Host or :authority, or what a trusted proxy forwarded) and its port text ("" when none was given).
    std::string host, port;
    bool secure = false;         ///< TLS here, or at a trusted proxy
    std::string client_address;  ///< the peer's, or what a trusted proxy forwarded
    std::string id;              ///< request id: taken from a trusted proxy's x-request-id, else made here
    std::optional<std::chrono::steady_clock::time_point> deadline;
    /// True once the client has gone or the deadline has passed; long handlers ask now and then.
    std::function<bool()> cancelled = [] { return false; };
};

/// A response body made piece by piece (SSE, server-streaming RPCs, large exports); never holds a worker between pieces.
class BodySource {
public:
    virtual ~BodySource() = default;
    /// Called on a worker of `read` lane when the client can take more. nullopt: the end.
    virtual std::optional<std::string> next() = 0;
};

struct Response {
    int status = 200;
    Headers headers;
    std::variant<std::string, std::unique_ptr<BodySource>> body;
    Headers trailers;  ///< HTTP/2 only (gRPC)
};

/// A plain-text answer with a content type; the common case of pages and errors.
Response text_response(int status, std::string body, std::string_view content_type = "text/plain; charset=utf-8");

}  // namespace godwit::http
