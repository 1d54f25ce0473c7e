// One accepted socket on its I/O thread. With server.cc the only place that includes Asio.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "transport/http/exchange.h"
#include "transport/http/tls.h"

namespace godwit::http {

class Connection;

/// A thread with its event loop, its connections, and what they share because only one of them runs at a time.
class IoThread {
public:
    explicit IoThread(Core& core);
    ~IoThread();
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    void start();
    void stop();  ///< ends the loop, and waits for the thread

    boost::asio::io_context& context() { return context_; }
    bool running() const { return thread_.joinable(); }
    bool is_current() const;

    // On the thread itself.
    void adopt(std::shared_ptr<Connection> connection);
    void release(Connection* connection);
    void for_each(const std::function<void(Connection&)>& visit);
    SteadyTime now() const { return now_; }
    void read_clock() { now_ = std::chrono::steady_clock::now(); }
    std::string_view date() const { return date_; }
    std::vector<char>& scratch() { return scratch_; }

private:
    void sweep();
    void schedule_sweep();

    Core& core_;
    boost::asio::io_context context_{1};
    boost::asio::steady_timer timer_{context_};
    std::chrono::milliseconds sweep_period_;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    SteadyTime now_ = std::chrono::steady_clock::now();
    std::int64_t date_second_ = 0;
    std::string date_;
    std::vector<char> scratch_;  ///< what was just read; idle connections hold no buffers
    std::thread thread_;
};

/// Asio says when the socket is ready; reading and writing are plain calls. That both wait at the same time, and that reading pauses,
/// is easier to say with two flags than with two coroutines, and costs no frame per idle connection.
class Connection final : public Link {
public:
    /// `place`: what it takes of Core::places.
    Connection(Core& of, IoThread& io, boost::asio::ip::tcp::socket socket, Peer from, const TlsContext* tls,
               std::unique_ptr<Budget::Hold> place);

    void start();  ///< its creator has counted it in Core::connections
    void tick();
    void drain();
    void close();  ///< at once; whatever is under way is cancelled

    void post(std::move_only_function<void()> task) override;
    bool on_io_thread() const override { return io_.is_current(); }
    std::string_view date() const override { return io_.date(); }
    SteadyTime now() const override { return io_.now(); }

private:
    std::shared_ptr<Connection> self() { return std::static_pointer_cast<Connection>(shared_from_this()); }
    void wait_readable();
    void wait_writable();
    void on_readable();
    void receive(std::string_view bytes);
    void pump(std::string_view fresh);
    std::size_t feed(std::string_view fresh);
    std::size_t offer(std::string_view bytes);
    bool send();
    bool wants_input() const;
    void begin_close();
    bool discard_input(std::size_t bytes);

    IoThread& io_;
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<TlsSession> tls_;
    std::unique_ptr<Budget::Hold> place_;
    const SteadyTime since_;
    std::string pending_;   ///< plain input that the protocol has not taken yet
    std::string sealed_;    ///< TLS records to send
    std::size_t sent_ = 0;  ///< of `sealed_` under TLS, else of `out`
    PaceKeeper outgoing_;
    bool waiting_readable_ = false, waiting_writable_ = false;
    bool handshake_begun_ = false;
    bool turned_away_ = false;  ///< what was sent is neither TLS nor HTTP
    bool input_ended_ = false;
    bool draining_ = false;
    bool closed_ = false;
    /// Everything is sent, the client is told; what it still sends is thrown away, so that it can read our last words.
    bool lingering_ = false;
    SteadyTime linger_until_;
    std::size_t lingered_bytes_ = 0;
};

}  // namespace godwit::http
