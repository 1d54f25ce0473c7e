#include "transport/http/connection.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/thread_priority.h"
#include "transport/http/http1.h"
#include "transport/http/http2.h"

namespace godwit::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 section 3.4
constexpr std::size_t kScratch = 64 << 10;
constexpr std::size_t kKeptCapacity = 16 << 10;  // of an output buffer, once it is empty
constexpr auto kLinger = 2s;
constexpr std::size_t kMaxLingeredBytes = 16 << 20;
constexpr char kTlsHandshakeRecord = 0x16;
constexpr std::string_view kSpeakTls =
    "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 29\r\n\r\nthis port speaks HTTPS only.\n";

thread_local const IoThread* current_thread = nullptr;

/// Answers hold tokens, and the memory of a buffer is kept for the next one.
void wipe(std::string& sent) {
    explicit_bzero(sent.data(), sent.size());
    sent.clear();
}

}  // namespace

IoThread::IoThread(Core& core) : core_(core), scratch_(kScratch) {
    const auto& o = core.options;
    sweep_period_ = std::clamp(std::min({o.header_timeout, o.body_idle_timeout, o.idle_timeout}) / 8, 5ms, 250ms);
    sweep();
}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "http-io");
        set_slice(kShortSlice);
        current_thread = this;
        context_.run();
    });
}

void IoThread::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

bool IoThread::is_current() const { return current_thread == this; }

void IoThread::adopt(std::shared_ptr<Connection> connection) {
    Connection* const key = connection.get();
    connections_[key] = std::move(connection);
}

void IoThread::release(Connection* connection) {
    connections_.erase(connection);
    core_.left();
}

void IoThread::for_each(const std::function<void(Connection&)>& visit) {
    read_clock();
    std::vector<std::shared_ptr<Connection>> all;  // a visit may release its connection
    all.reserve(connections_.size());
    for (const auto& [key, connection] : connections_) all.push_back(connection);
    for (const auto& connection : all) visit(*connection);
}

void IoThread::sweep() {
    const std::int64_t second = std::time(nullptr);
    if (std::exchange(date_second_, second) != second) date_ = http_date(second);
    for_each([](Connection& connection) { connection.tick(); });
    schedule_sweep();
}

void IoThread::schedule_sweep() {
    timer_.expires_after(sweep_period_);
    timer_.async_wait([this](error_code error) {
        if (!error) sweep();
    });
}

Connection::Connection(Core& of, IoThread& io, tcp::socket socket, Peer from, const TlsContext* tls, std::unique_ptr<Budget::Hold> place)
    : Link(of, std::move(from)),
      io_(io),
      socket_(std::move(socket)),
      tls_(tls ? std::make_unique<TlsSession>(*tls) : nullptr),
      place_(std::move(place)),
      since_(std::chrono::steady_clock::now()) {}

void Connection::start() {
    io_.read_clock();
    io_.adopt(self());
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    wait_readable();
}

void Connection::post(std::move_only_function<void()> task) {
    ++core.posting;
    Core& owner = core;
    asio::post(io_.context(), [self = self(), task = std::move(task)]() mutable {
        self->io_.read_clock();
        task();
        task = nullptr;  // what it holds may be the last of an exchange, which frees what the pump then finds
        self->pump({});
    });
    --owner.posting;
}

void Connection::wait_readable() {
    if (std::exchange(waiting_readable_, true)) return;
    socket_.async_wait(tcp::socket::wait_read, [self = self()](error_code error) {
        self->waiting_readable_ = false;
        if (!error && !self->closed_) self->on_readable();
    });
}

void Connection::wait_writable() {
    if (std::exchange(waiting_writable_, true)) return;
    outgoing_.resume(io_.now());
    socket_.async_wait(tcp::socket::wait_write, [self = self()](error_code error) {
        self->waiting_writable_ = false;
        if (error || self->closed_) return;
        self->io_.read_clock();
        self->pump({});
    });
}

void Connection::on_readable() {
    io_.read_clock();
    auto& scratch = io_.scratch();
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(scratch), error);
    if (error == asio::error::would_block || error == asio::error::interrupted) return wait_readable();
    if (error && error != asio::error::eof) return close();
    if (error == asio::error::eof) input_ended_ = true;
    if (lingering_) {
        if (input_ended_ || !discard_input(count)) return close();
        return wait_readable();
    }
    receive({scratch.data(), count});
    explicit_bzero(scratch.data(), count);  // the next request may be long in coming
}

void Connection::receive(std::string_view bytes) {
    if (!tls_ || bytes.empty()) return pump(bytes);
    if (!std::exchange(handshake_begun_, true) && bytes.front() != kTlsHandshakeRecord) {
        tls_.reset();
        turned_away_ = true;
        out = kSpeakTls;
        return pump({});
    }
    std::string plain;
    const auto status = tls_->receive(bytes, plain, sealed_);
    if (status == TlsSession::Status::ended) input_ended_ = true;
    if (status == TlsSession::Status::failed) turned_away_ = true;  // an alert may be on its way
    if (status == TlsSession::Status::open && !protocol && tls_->is_http2()) protocol = make_http2(*this);
    pump(plain);
}

std::size_t Connection::feed(std::string_view fresh) {
    if (turned_away_) return fresh.size();
    if (pending_.empty()) {
        const std::size_t taken = fresh.empty() ? 0 : offer(fresh);
        pending_ = fresh.substr(taken);
        return taken;
    }
    pending_.append(fresh);
    const std::size_t taken = offer(pending_);
    pending_.erase(0, taken);
    return taken;
}

std::size_t Connection::offer(std::string_view bytes) {
    if (!protocol) {
        const std::size_t known = std::min(bytes.size(), kPreface.size());
        if (bytes.substr(0, known) != kPreface.substr(0, known)) {
            protocol = make_http1(*this);
        } else if (known == kPreface.size()) {
            protocol = make_http2(*this);
        } else {
            return 0;
        }
        if (draining_) protocol->drain();
    }
    return protocol->receive(bytes);
}

/// Moves everything that can move: input to the protocol, its output to the network, until one of them has to wait.
void Connection::pump(std::string_view fresh) {
    if (closed_ || lingering_) return;
    for (;;) {
        const std::size_t taken = feed(fresh);
        fresh = {};
        if (protocol) {
            if (input_ended_) protocol->end_of_input(!pending_.empty());
            protocol->produce();
        }
        const bool produced = !out.empty();
        if (!send()) return;
        if (!produced && taken == 0) break;
    }
    const bool lost = turned_away_ || (input_ended_ && !protocol);
    if (lost || (protocol && protocol->finished())) {
        begin_close();
    } else if (wants_input()) {
        wait_readable();
    }
}

bool Connection::wants_input() const {
    if (input_ended_ || pending_.size() > core.options.max_header_bytes + kScratch) return false;
    return !protocol || protocol->wants_input();
}

/// True when nothing is left to send; false when the network is full, or the connection is closed.
bool Connection::send() {
    if (waiting_writable_) return false;
    for (;;) {
        std::string& bytes = tls_ ? sealed_ : out;
        if (sent_ == bytes.size()) {
            sent_ = 0;
            wipe(bytes);
            if (bytes.capacity() > kKeptCapacity) bytes.shrink_to_fit();
            if (!tls_ || out.empty()) break;
            if (!tls_->seal(out, sealed_)) {
                close();
                return false;
            }
            wipe(out);
            if (out.capacity() > kKeptCapacity) out.shrink_to_fit();
            continue;
        }
        error_code error;
        const std::size_t count = socket_.write_some(asio::buffer(bytes.data() + sent_, bytes.size() - sent_), error);
        if (error == asio::error::would_block) {
            wait_writable();
            return false;
        }
        if (error && error != asio::error::interrupted) {
            close();
            return false;
        }
        sent_ += count;
        outgoing_.add(count);
    }
    outgoing_.pause();
    return true;
}

/// Closing while unread input waits would make the kernel reset the connection, and the client lose our answer.
void Connection::begin_close() {
    const bool may_send = turned_away_ || !pending_.empty() || (protocol && protocol->client_may_send());
    if (protocol) protocol->abandon();
    if (tls_) {
        tls_->close(sealed_);
        if (!send() && !waiting_writable_) return;
    }
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    if (input_ended_ || !may_send) return close();
    pending_ = {};
    lingering_ = true;
    linger_until_ = now() + kLinger;
    wait_readable();
}

bool Connection::discard_input(std::size_t bytes) {
    lingered_bytes_ += bytes;
    return lingered_bytes_ < kMaxLingeredBytes;
}

void Connection::close() {
    if (std::exchange(closed_, true)) return;
    const auto keep = self();
    error_code ignored;
    socket_.close(ignored);
    if (protocol) protocol->abandon();
    place_.reset();
    keep_no_more_than(0);
    --core.connections;
    io_.release(this);
}

void Connection::tick() {
    if (closed_) return;
    const bool silent = !protocol && now() - since_ > core.options.header_timeout;
    if (silent || (lingering_ && now() > linger_until_) || outgoing_.too_slow(now(), core.options)) return close();
    keep_no_more_than(out.size() + sealed_.size() + (protocol ? protocol->unsent() : 0));
    if (!protocol || lingering_) return;
    protocol->tick(now());
    pump({});
}

void Connection::drain() {
    if (closed_ || lingering_) return;
    draining_ = true;
    if (!protocol) {
        if (pending_.empty()) close();
        return;
    }
    protocol->drain();
    pump({});
}

}  // namespace godwit::http
