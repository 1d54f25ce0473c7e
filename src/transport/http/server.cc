#include "transport/http/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "transport/http/connection.h"

// g++ 12 takes the frame allocator of Asio's coroutines for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace godwit::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kMaxTurningAway = 256;
constexpr auto kAcceptPause = 100ms;  // when the process has no file descriptors left
constexpr std::string_view kServerFull = "the server has too many connections";
constexpr std::string_view kClientFull = "this address has too many connections";

std::unexpected<Error> cannot_listen(const ServerOptions& options, std::string_view reason) {
    return fail(Code::failed_precondition, "HTTP-Listen",
                "cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " + std::string(reason));
}

std::string too_many_connections(std::string_view message) {
    const std::string body = "{\"code\":14,\"message\":\"" + std::string(message) + "\"}\n";
    return "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-type: application/json\r\n"
           "content-length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

Peer make_peer(const tcp::endpoint& endpoint, const Core& core, bool secure) {
    Peer peer;
    peer.address = parse_ip(endpoint.address().to_string()).value_or(IpAddress{});
    peer.address_text = peer.address.to_string();
    peer.secure = secure || core.options.secure_outside;
    peer.trusted = contains(core.trusted, peer.address);
    return peer;
}

class AsioServer final : public Server {
public:
    AsioServer(ServerOptions options, Lanes& lanes, Router router) : core_(std::move(options), lanes, std::move(router)) {}
    ~AsioServer() override;

    Result<> start();
    std::uint16_t port() const override { return port_; }
    Result<> reload_tls(const TlsFiles& files) override;
    void drain(std::chrono::milliseconds grace) override;
    Load load() const override { return {core_.connections, core_.exchanges, core_.bodies.held() + core_.small_bodies.held()}; }

private:
    Result<> open_acceptor();
    asio::awaitable<void> accept();
    asio::awaitable<void> turn_away(tcp::socket socket, std::string_view why);
    /// Takes the connection, or says why not.
    std::optional<std::string_view> welcome(IoThread& io, tcp::socket& socket, const tcp::endpoint& from);
    std::shared_ptr<const TlsContext> tls() const;
    void stop_accepting();
    /// On every I/O thread, for each of its connections; returns when all are through.
    void visit_all(const std::function<void(Connection&)>& visit);

    Core core_;
    std::vector<std::unique_ptr<IoThread>> io_;
    std::optional<tcp::acceptor> acceptor_;
    std::uint16_t port_ = 0;
    std::size_t next_io_ = 0;
    std::size_t turning_away_ = 0;
    std::atomic<bool> draining_{false};
    mutable std::mutex tls_mutex_;
    std::shared_ptr<const TlsContext> tls_;
};

Result<> AsioServer::start() {
    const ServerOptions& options = core_.options;
    for (const std::string& text : options.trusted_proxies) {
        const auto prefix = IpPrefix::parse(text);
        if (!prefix) return fail(Code::invalid_argument, "HTTP-Proxies", "not an address or prefix: " + text);
        core_.trusted.push_back(*prefix);
    }
    if (options.tls) TRY(reload_tls(*options.tls));
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options.io_threads); ++i) io_.push_back(std::make_unique<IoThread>(core_));
    TRY(open_acceptor());
    asio::co_spawn(io_[0]->context(), accept(), asio::detached);
    for (const auto& io : io_) io->start();
    return {};
}

Result<> AsioServer::open_acceptor() {
    const ServerOptions& options = core_.options;
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return cannot_listen(options, "not an IP address");
    tcp::endpoint endpoint(address, options.port);
    acceptor_.emplace(io_[0]->context());
    acceptor_->open(endpoint.protocol(), error);
    if (error && address.is_v6() && address.is_unspecified()) {
        // A machine without IPv6.
        endpoint = tcp::endpoint(tcp::v4(), options.port);
        acceptor_->open(endpoint.protocol(), error);
    }
    if (error) return cannot_listen(options, error.message());
    error_code ignored;
    if (endpoint.protocol() == tcp::v6()) acceptor_->set_option(asio::ip::v6_only(false), ignored);
    // Lets a restarted server take over the port of connections in TIME_WAIT; two servers on it still exclude each other.
    acceptor_->set_option(tcp::acceptor::reuse_address(true), ignored);
    acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return cannot_listen(options, error.message());
    port_ = acceptor_->local_endpoint(ignored).port();
    return {};
}

asio::awaitable<void> AsioServer::accept() {
    for (;;) {
        IoThread& io = *io_[next_io_++ % io_.size()];
        tcp::socket socket(io.context());
        tcp::endpoint from;
        const auto [error] = co_await acceptor_->async_accept(socket, from, kAwait);
        if (error == asio::error::operation_aborted || !acceptor_->is_open()) co_return;
        if (error) {
            if (error != asio::error::connection_aborted) {
                log::error("cannot accept connections", {{"reason", error.message()}});
                asio::steady_timer pause(io_[0]->context(), kAcceptPause);
                co_await pause.async_wait(kAwait);
            }
        } else if (const auto refused = welcome(io, socket, from); refused && turning_away_ < kMaxTurningAway && !tls()) {
            asio::co_spawn(io_[0]->context(), turn_away(std::move(socket), *refused), asio::detached);
        }
    }
}

std::optional<std::string_view> AsioServer::welcome(IoThread& io, tcp::socket& socket, const tcp::endpoint& from) {
    const auto context = tls();
    Peer peer = make_peer(from, core_, context != nullptr);
    auto place = std::make_unique<Budget::Hold>(core_.places, peer.address_text, peer.trusted);
    if (const auto outcome = place->add(1); outcome != Budget::Outcome::taken)
        return outcome == Budget::Outcome::full ? kServerFull : kClientFull;
    auto connection = std::make_shared<Connection>(core_, io, std::move(socket), std::move(peer), context.get(), std::move(place));
    ++core_.connections;
    asio::post(io.context(), [this, connection = std::move(connection)] {
        connection->start();
        if (draining_) connection->drain();
    });
    return std::nullopt;
}

/// Says 503 to one connection too many, and waits a moment for the client to read it.
asio::awaitable<void> AsioServer::turn_away(tcp::socket from, std::string_view why) {
    ++turning_away_;
    // The socket belongs to another thread's loop; this one has to own what it waits for.
    const auto socket = std::make_shared<tcp::socket>(io_[0]->context());
    error_code error;
    const auto protocol = from.local_endpoint(error).protocol();
    socket->assign(protocol, from.release(error), error);
    asio::steady_timer limit(io_[0]->context(), 1s);
    limit.async_wait([socket](error_code) {
        error_code ignored;
        socket->close(ignored);
    });
    const std::string answer = too_many_connections(why);
    co_await asio::async_write(*socket, asio::buffer(answer), kAwait);
    socket->shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 4096> rest;
    for (;;) {
        const auto [ended, count] = co_await socket->async_read_some(asio::buffer(rest), kAwait);
        if (ended) break;
    }
    --turning_away_;
}

std::shared_ptr<const TlsContext> AsioServer::tls() const {
    const std::scoped_lock lock(tls_mutex_);
    return tls_;
}

Result<> AsioServer::reload_tls(const TlsFiles& files) {
    auto context = TRY(TlsContext::make(files));
    const std::scoped_lock lock(tls_mutex_);
    tls_ = std::move(context);
    return {};
}

void AsioServer::visit_all(const std::function<void(Connection&)>& visit) {
    for (const auto& io : io_) {
        std::promise<void> done;
        asio::post(io->context(), [&] {
            io->for_each(visit);
            done.set_value();
        });
        done.get_future().wait();
    }
}

void AsioServer::stop_accepting() {
    if (draining_.exchange(true)) return;
    std::promise<void> done;
    asio::post(io_[0]->context(), [&] {
        error_code ignored;
        acceptor_->close(ignored);
        done.set_value();
    });
    done.get_future().wait();
}

void AsioServer::drain(std::chrono::milliseconds grace) {
    stop_accepting();
    visit_all([](Connection& connection) { connection.drain(); });
    const bool all_left = core_.wait([this] { return core_.connections == 0; }, std::chrono::steady_clock::now() + grace);
    if (!all_left) log::warn("connections were closed before their requests had ended", {{"connections", core_.connections.load()}});
    visit_all([](Connection& connection) { connection.close(); });
}

AsioServer::~AsioServer() {
    if (acceptor_ && io_[0]->running()) {
        stop_accepting();
        visit_all([](Connection& connection) { connection.close(); });
        core_.wait([this] { return core_.exchanges == 0; }, std::nullopt);
        while (core_.posting != 0) std::this_thread::yield();  // a worker has handed over its last task, and is leaving the queue
    }
    for (const auto& io : io_) io->stop();
    acceptor_.reset();
    io_.clear();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options, Lanes& lanes, Router router) {
    auto server = std::make_unique<AsioServer>(std::move(options), lanes, std::move(router));
    TRY(server->start());
    return server;
}

}  // namespace godwit::http
