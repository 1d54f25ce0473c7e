// For tests alone: a server with its lanes, a raw socket, and curl.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/lane.h"
#include "transport/http/server.h"

namespace godwit::http::testing {

/// A failed test, not a hung one.
inline constexpr std::chrono::seconds kPatience{60};

/// Options with short time-outs would make slow machines fail; tests shorten the one they are about.
inline ServerOptions local() {
    ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    return options;
}

/// A handler on a lane, in short.
inline Route on(Lane lane, std::function<Response(Request&)> handle) { return {.lane = lane, .handle = std::move(handle)}; }

struct TestServer {
    explicit TestServer(Router router, ServerOptions options = local(), Lanes::Limits limits = Lanes::default_limits())
        : lanes(std::make_unique<Lanes>(limits)) {
        auto made = Server::listen(std::move(options), *lanes, std::move(router));
        if (!made) {
            ADD_FAILURE() << made.error().message;
            std::abort();
        }
        server = std::move(*made);
    }
    std::unique_ptr<Lanes> lanes;
    std::unique_ptr<Server> server;

    /// Quoted for the shell.
    std::string url(std::string_view path, std::string_view scheme = "http") const {
        return "'" + std::string(scheme) + "://127.0.0.1:" + std::to_string(server->port()) + std::string(path) + "'";
    }
};

/// Bytes out, bytes in. Reads end after kPatience.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const int on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (receive_buffer > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    ~RawClient() { close(); }
    RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
    RawClient& operator=(RawClient&&) = delete;

    bool connected() const { return connected_; }
    /// False when the server has closed.
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// What is there, waiting for at least a byte; "" at the end.
    std::string receive_some() const {
        std::array<char, 64 << 10> bytes;
        const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
        return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
    }
    bool readable_within(std::chrono::milliseconds time) const {
        pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
        return ::poll(&wait, 1, static_cast<int>(time.count())) > 0;
    }
    std::string receive_until(std::string_view marker) const {
        std::string all;
        while (all.find(marker) == all.npos) {
            const std::string more = receive_some();
            if (more.empty()) break;
            all += more;
        }
        return all;
    }
    std::string receive_all() const {
        std::string all;
        for (std::string more = receive_some(); !more.empty(); more = receive_some()) all += more;
        return all;
    }
    void finish_sending() const { ::shutdown(socket_, SHUT_WR); }
    /// The server learns of close() by a reset, not by an end.
    void reset_on_close() const {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }

private:
    int socket_;
    bool connected_ = false;
};

/// One request on a connection of its own; everything that came back.
inline std::string ask(const TestServer& to, std::string_view request) {
    const RawClient client(to.server->port());
    EXPECT_TRUE(client.connected());
    client.send(request);
    return client.receive_all();
}

inline int status_of(std::string_view response) {
    return response.size() > 12 && response.starts_with("HTTP/1.1 ") ? std::atoi(std::string(response.substr(9, 3)).c_str()) : 0;
}

/// What a command prints.
inline std::string shell(const std::string& command) {
    std::FILE* const pipe = popen(command.c_str(), "r");
    if (!pipe) return "cannot run " + command;
    std::string output;
    std::array<char, 64 << 10> bytes;
    for (std::size_t count = 0; (count = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;) output.append(bytes.data(), count);
    pclose(pipe);
    return output;
}

/// What the curl program prints, with `arguments` in shell syntax; `input` is a command whose output it reads.
inline std::string curl(const std::string& arguments, const std::string& input = "") {
    const std::string patience = std::to_string(kPatience.count());
    return shell((input.empty() ? "" : input + " | ") + "curl --silent --show-error --max-time " + patience + " " + arguments + " 2>&1");
}

/// Collects access records; waits until there are so many.
class AccessLog {
public:
    struct Entry {
        std::string path, id;
        int status;
        std::uint64_t bytes;
    };
    std::function<void(const ServerOptions::Access&)> hook() {
        return [this](const ServerOptions::Access& access) {
            const std::scoped_lock lock(mutex_);
            entries_.push_back({access.request.path, access.request.id, access.status, access.response_bytes});
            changed_.notify_all();
        };
    }
    std::vector<Entry> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kPatience, [&] { return entries_.size() >= count; });
        return entries_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Entry> entries_;
};

}  // namespace godwit::http::testing
