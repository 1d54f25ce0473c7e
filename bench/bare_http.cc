// The yardstick of HTTP routes: a server that does nothing but read a request's head and write a fixed answer, one thread, epoll.
//
//   bench_bare_http PORT BODY_BYTES
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::string body(static_cast<std::size_t>(std::atoi(argv[2])), 'x');
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int one = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 1024) != 0) return 1;
    const int poll = ::epoll_create1(0);
    const auto watch = [poll](int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    };
    watch(listener);
    std::unordered_map<int, std::string> pending;
    epoll_event events[64];
    for (;;) {
        const int count = ::epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == listener) {
                const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
                if (client < 0) continue;
                ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                watch(client);
                continue;
            }
            char buffer[16384];
            const ssize_t got = ::read(fd, buffer, sizeof buffer);
            if (got <= 0) {
                pending.erase(fd);
                ::close(fd);
                continue;
            }
            std::string& head = pending[fd];
            head.append(buffer, static_cast<std::size_t>(got));
            std::string out;
            for (std::size_t end; (end = head.find("\r\n\r\n")) != std::string::npos; head.erase(0, end + 4)) out += answer;
            if (!out.empty() && ::write(fd, out.data(), out.size()) < 0) continue;
        }
    }
}
