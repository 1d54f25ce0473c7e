// One request from its head to the last byte of its response, and the seams between what carries bytes (connection.cc), what speaks
// an HTTP version (http1.cc, http2.cc) and what answers (lanes and handlers).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lane.h"
#include "transport/http/authority.h"
#include "transport/http/body_pipe.h"
#include "transport/http/budget.h"
#include "transport/http/head.h"
#include "transport/http/message.h"
#include "transport/http/server.h"

namespace godwit::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What all connections of a server share.
struct Core {
    Core(ServerOptions with, Lanes& on, Router by) : options(std::move(with)), lanes(on), router(std::move(by)) {}

    const ServerOptions options;
    Lanes& lanes;
    const Router router;
    std::vector<IpPrefix> trusted;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> exchanges{0};
    std::atomic<std::size_t> posting{0};  ///< threads inside Link::post: the server must outlive them
    Budget bodies{options.max_buffered_bytes, options.max_buffered_bytes_per_client};
    Budget small_bodies{options.max_reserved_bytes, options.max_reserved_bytes_per_client};
    Budget places{options.max_connections, options.max_connections_per_client};  ///< of connections

    /// Call when a count above went down: wakes whoever waits for it.
    void left();
    /// Waits, at most until `until`, for `done()`.
    bool wait(const std::function<bool()>& done, std::optional<SteadyTime> until);

private:
    std::atomic<bool> watched_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
};

class Protocol;

/// A connection as protocols and exchanges see it. Everything but post() belongs to its I/O thread.
class Link : public std::enable_shared_from_this<Link> {
public:
    Link(Core& of, Peer from);
    virtual ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// From any thread: runs `task` on the I/O thread, then moves what it made ready.
    virtual void post(std::move_only_function<void()> task) = 0;
    virtual bool on_io_thread() const = 0;
    /// The value of the Date header, made once a second.
    virtual std::string_view date() const = 0;
    /// The I/O thread's clock, read once for each batch of events.
    virtual SteadyTime now() const = 0;

    /// Makes sure that there is memory for the heads of all requests under way and for `unsent` bytes of answers; the first little of
    /// it is free. False: the client, or the server, has no more to give.
    bool keep(std::size_t unsent);
    /// Gives back what keep() took beyond what is needed for that.
    void keep_no_more_than(std::size_t unsent);

    Core& core;
    const Peer peer;
    std::string out;                     ///< plain bytes to send
    std::unique_ptr<Protocol> protocol;  ///< null until the first bytes say which
    std::size_t head_bytes = 0;          ///< of its exchanges that are not yet destroyed

private:
    std::optional<Budget::Hold> kept_;
};

/// How much a protocol puts into Link::out before it waits for the network.
inline constexpr std::size_t kOutputTarget = 64 << 10;

class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    /// On the I/O thread. Whichever thread drops the last reference, the exchange is destroyed on its I/O thread.
    static std::shared_ptr<Exchange> make(std::shared_ptr<Link> over);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    // Before there is a response; on the I/O thread.
    /// Counts the request among what its connection keeps, until it is destroyed.
    void count_head(std::size_t bytes);
    /// Finds the route, and opens the pipe if it wants a stream. A refusal: the body announced is too long, or in a coding that the
    /// route does not take.
    std::optional<Refusal> admit(const Framing& framing);
    /// Adds to a body that is kept in memory. A refusal: too long for its route, or more than the server,
    /// or this client, may have in memory.
    std::optional<Refusal> add_body(std::string_view bytes);
    /// Hands the request to its lane; Protocol::answered follows, perhaps before this returns.
    void run();
    void refuse(const Refusal& refusal);  ///< sets the response, also for a head that could not be read
    /// Call before sending a response: refuses it when `unsent` bytes of earlier ones and this are more than the client may leave here.
    void fit_answer(std::size_t unsent);
    /// The client sends no more, or the transfer failed: handlers and readers learn of it. (A client that only half-closed still gets
    /// its response, unless the handler gives up.)
    void cancel(const Error& error);

    // While a BodySource sends; on the I/O thread.
    /// Asks the source for its next piece; Protocol::piece follows. Does nothing while an earlier one is under way.
    void pull();
    /// Asks again if the lane had no room. Called now and then.
    void retry_pull();

    /// Reports the exchange, once, and lets go of what the handler gave. On the I/O thread.
    void finish();

    const std::shared_ptr<Link> link;
    std::int32_t stream = 0;  ///< HTTP/2's number
    Request request;
    Route route{.lane = Lane::in_line};  ///< until admit() found the real one
    std::shared_ptr<BodyPipe> pipe;      ///< set while the route reads its body as a stream
    std::uint64_t body_bytes = 0;        ///< received so far
    Response response;
    bool answered = false;  ///< `response` is valid
    std::uint64_t response_bytes = 0;

private:
    explicit Exchange(std::shared_ptr<Link> over);
    Response handle();
    void deliver(Response made);
    void deliver_piece(std::optional<std::string> piece);
    void start_source();

    const SteadyTime started_;
    std::size_t head_bytes_ = 0;
    std::atomic<bool> gone_{false};
    std::optional<Budget::Hold> held_;  ///< for Request::body
    enum class Pull { idle, under_way, waiting_for_lane, waiting_for_wake } pull_ = Pull::idle;
    bool woken_ = false;  ///< wake came while next() was running
    bool source_started_ = false;
    std::atomic<bool> finished_{false};
};

/// One connection's HTTP version: bytes in, bytes out, no I/O. On the connection's I/O thread only.
class Protocol {
public:
    virtual ~Protocol() = default;

    /// Takes bytes from the front of `in` and says how many; the rest is offered again, with what follows, after progress.
    virtual std::size_t receive(std::string_view in) = 0;
    /// The client sends no more; `waiting` when bytes that receive() did not take are still there. Called again after progress.
    virtual void end_of_input(bool waiting) = 0;
    /// Nothing can be sent any more.
    virtual void abandon() = 0;
    /// Puts what is ready into Link::out, up to about kOutputTarget.
    virtual void produce() = 0;
    /// False while more input would only pile up.
    virtual bool wants_input() const = 0;
    /// True when the connection is to be closed once Link::out has been sent.
    virtual bool finished() const = 0;
    /// Asked when it is finished: true when the client may be in the middle of sending something.
    virtual bool client_may_send() const = 0;
    /// Bytes of answers that are neither sent nor in Link::out.
    virtual std::size_t unsent() const { return 0; }
    /// Called several times within each time-out.
    virtual void tick(SteadyTime now) = 0;
    /// Takes no new requests; finished() follows those under way.
    virtual void drain() = 0;

    virtual void answered(Exchange& exchange) = 0;
    /// A piece of a BodySource; nullopt: its end.
    virtual void piece(Exchange& exchange, std::optional<std::string> bytes) = 0;
    /// So many bytes of a streamed request body were read.
    virtual void body_taken(Exchange& exchange, std::size_t bytes) = 0;
};

/// Holds a client to min_bytes_per_second over windows of body_idle_timeout, while it is its turn.
class PaceKeeper {
public:
    void add(std::size_t bytes) { bytes_ += bytes; }
    /// It is not, or no longer, the client's turn.
    void pause() { running_ = false; }
    bool running() const { return running_; }
    /// Starts a window unless one runs.
    void resume(SteadyTime now);
    /// True when the window is over and too little came; a new window begins otherwise.
    bool too_slow(SteadyTime now, const ServerOptions& options);

private:
    bool running_ = false;
    SteadyTime since_;
    std::uint64_t bytes_ = 0;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(std::int64_t unix_seconds);

}  // namespace godwit::http
