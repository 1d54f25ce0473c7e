// What every client relies on, in every HTTP version, with curl as the client.
#include "transport/http/server.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include "transport/http/test_client.h"

#if defined(__SANITIZE_ADDRESS__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // g++ ships no header for it
#endif

namespace godwit::http {
namespace {

using testing::AccessLog;
using testing::curl;
using testing::kPatience;
using testing::local;
using testing::on;
using testing::RawClient;
using testing::TestServer;

/// Answers with what it saw.
Response describe(Request& request) {
    std::string text = request.method + " " + request.path + " ?" + request.query + " host=" + request.host + " port=" + request.port +
                       " from=" + request.client_address + (request.secure ? " secure" : "") + " body=" + request.body;
    return text_response(200, std::move(text));
}

/// Memory given out and not returned; freed memory that the sanitizer keeps does not count.
std::size_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__)
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}

class Versions : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Curl, Versions, ::testing::Values("--http1.1", "--http2-prior-knowledge", "--http1.0"), [](const auto& with) {
    return with.param == "--http1.1" ? "Http11" : with.param == "--http1.0" ? "Http10" : "Http2";
});

std::string flags() { return Versions::GetParam() + " "; }

TEST_P(Versions, CarryARequestToItsHandlerAndBack) {
    for (const Lane lane : {Lane::in_line, Lane::read}) {
        const TestServer server([&](const Request&) { return on(lane, describe); });
        const std::string port = std::to_string(server.server->port());
        EXPECT_EQ(curl(flags() + server.url("/a/b%20c?x=1&y")),
                  "GET /a/b%20c ?x=1&y host=127.0.0.1 port=" + port + " from=127.0.0.1 body=");
        EXPECT_EQ(curl(flags() + "-H 'Host: Example.COM.:8080' --data hello " + server.url("/post")),
                  "POST /post ? host=example.com port=8080 from=127.0.0.1 body=hello");
        EXPECT_EQ(curl(flags() + "-X PURGE -H 'Host: a' " + server.url("/")), "PURGE / ? host=a port= from=127.0.0.1 body=");
    }
}

TEST_P(Versions, SendHeadersAndStatusAndKeepLinesApart) {
    const TestServer server([](const Request&) {
        return on(Lane::in_line, [](Request&) {
            Response response = text_response(418, "short");
            response.headers.add("X-Twice", "1");
            response.headers.add("x-twice", "2");
            response.headers.add("x-split", "a\r\nx-forged: yes");
            response.headers.add("content-length", "999");
            response.headers.add("connection", "x-forged");
            return response;
        });
    });
    const std::string seen = curl(flags() + "--include " + server.url("/"));
    EXPECT_NE(seen.find(" 418"), seen.npos) << seen;
    for (const char* line : {"x-twice: 1\r\n", "x-twice: 2\r\n", "content-length: 5\r\n", "x-split: a  x-forged: yes\r\n",
                             "content-type: text/plain; charset=utf-8\r\n", "date: "}) {
        EXPECT_NE(seen.find(line), seen.npos) << line << " in " << seen;
    }
    EXPECT_EQ(seen.find("999"), seen.npos) << seen;
    EXPECT_EQ(seen.find("\nx-forged"), seen.npos) << seen;
    EXPECT_TRUE(seen.ends_with("\r\n\r\nshort")) << seen;
}

TEST_P(Versions, AnswerHeadAndNoContentWithoutABody) {
    const TestServer server([](const Request&) {
        return on(Lane::in_line, [](Request& request) { return text_response(request.path == "/none" ? 204 : 200, "12345"); });
    });
    EXPECT_NE(curl(flags() + "--head " + server.url("/")).find("content-length: 5"), std::string::npos);
    const std::string none = curl(flags() + "--include " + server.url("/none"));
    EXPECT_EQ(none.find("12345"), none.npos) << none;
    EXPECT_EQ(none.find("content-length"), none.npos) << none;
}

TEST_P(Versions, TurnAHandlersExceptionInto500) {
    const TestServer server(
        [](const Request&) { return on(Lane::read, [](Request&) -> Response { throw std::runtime_error("not for the client"); }); });
    EXPECT_EQ(curl(flags() + "-w ' %{http_code}' " + server.url("/")), R"({"code":13,"message":"an internal error occurred"} 500)");
}

TEST_P(Versions, RefuseBodiesThatAreTooLong) {
    std::atomic<int> handled = 0;
    const TestServer server([&](const Request&) {
        Route route = on(Lane::read, [&](Request&) { return ++handled, text_response(200, ""); });
        route.max_body_bytes = 1'000;
        return route;
    });
    const std::string refused = R"({"code":8,"message":"the request body is too long"} 413)";
    const std::string status = "-w ' %{http_code}' -H 'content-type: a/b' -H 'Expect:' ";
    EXPECT_EQ(curl(flags() + status + "--data-binary '" + std::string(1'000, 'x') + "' " + server.url("/")), " 200");
    EXPECT_EQ(curl(flags() + status + "--data-binary '" + std::string(1'001, 'x') + "' " + server.url("/")), refused);
    if (GetParam() == "--http1.0") return;
    EXPECT_EQ(curl("-s " + flags() + status + "-H 'Transfer-Encoding: chunked' --data-binary '" + std::string(1'001, 'x') + "' " +
                   server.url("/")),
              refused);
    EXPECT_EQ(handled, 1);
}

TEST_P(Versions, ContinueOnlyWhenTheBodyIsWanted) {
    if (GetParam() == "--http1.0") GTEST_SKIP() << "HTTP/1.0 knows no 100";
    const TestServer server([&](const Request&) {
        Route route = on(Lane::read, [](Request& request) { return text_response(200, std::to_string(request.body.size())); });
        route.max_body_bytes = 5'000;
        return route;
    });
    // curl would wait for "100 Continue" longer than the test has patience.
    const std::string expecting = flags() + "--expect100-timeout 100 -H 'Expect: 100-continue' -w ' %{http_code}' --data-binary ";
    EXPECT_EQ(curl(expecting + "'" + std::string(5'000, 'x') + "' " + server.url("/")), "5000 200");
    EXPECT_NE(curl(expecting + "'" + std::string(5'001, 'x') + "' " + server.url("/")).find(" 413"), std::string::npos);
}

TEST_P(Versions, ReportEachResponse) {
    AccessLog log;
    ServerOptions options = local();
    options.on_access = log.hook();
    const TestServer server([](const Request&) { return on(Lane::read, [](Request&) { return text_response(404, "nothing"); }); }, options);
    curl(flags() + server.url("/some/where"));
    const auto entries = log.wait_for(1);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].path, "/some/where");
    EXPECT_EQ(entries[0].status, 404);
    EXPECT_EQ(entries[0].bytes, 7U);
    EXPECT_EQ(entries[0].id.size(), 15U);
}

TEST_P(Versions, SayBusyWithRetryAfterWhenALaneIsFull) {
    Lanes::Limits limits = Lanes::default_limits();
    limits[static_cast<std::size_t>(Lane::hash)] = {.threads = 1, .queue = 1, .max_wait = std::chrono::hours(1)};
    std::latch running(1), go(1);
    const TestServer server(
        [&](const Request& request) {
            if (request.path != "/slow") return on(Lane::hash, describe);
            return on(Lane::hash, [&](Request&) { return running.count_down(), go.wait(), text_response(200, "slow"); });
        },
        local(), limits);
    std::jthread first([&] { EXPECT_EQ(curl(flags() + server.url("/slow")), "slow"); });
    running.wait();
    std::latch queued(1), freed(1);
    ASSERT_TRUE(server.lanes->run(Lane::hash, [&] { freed.count_down(); }, [] {}));
    const std::string seen = curl(flags() + "--include --data x " + server.url("/"));
    EXPECT_NE(seen.find(" 503"), seen.npos) << seen;
    EXPECT_NE(seen.find("retry-after: 1\r\n"), seen.npos) << seen;
    EXPECT_NE(seen.find(R"({"code":14,"message":"the server is busy; try again"})"), seen.npos) << seen;
    go.count_down();
    freed.wait();
}

TEST_P(Versions, SayBusyWhenARequestWaitedTooLong) {
    Lanes::Limits limits = Lanes::default_limits();
    limits[static_cast<std::size_t>(Lane::hash)] = {.threads = 1, .queue = 9, .max_wait = std::chrono::milliseconds(20)};
    std::latch running(1), go(1);
    const TestServer server([&](const Request&) { return on(Lane::hash, describe); }, local(), limits);
    while (!running.try_wait()) {
        // Its thread has to be started within the 20 ms.
        std::latch tried(1);
        ASSERT_TRUE(
            server.lanes->run(Lane::hash, [&] { running.count_down(), tried.count_down(), go.wait(); }, [&] { tried.count_down(); }));
        tried.wait();
    }
    EXPECT_NE(curl(flags() + "--include " + server.url("/")).find(" 503"), std::string::npos);
    go.count_down();
}

TEST_P(Versions, LetTheFormatOfRefusalsBeChosen) {
    ServerOptions options = local();
    options.on_refusal = [](const Refusal& refusal, const Request*) { return text_response(refusal.status, "<" + refusal.message + ">"); };
    const TestServer server(
        [](const Request&) {
            Route route = on(Lane::in_line, describe);
            route.max_body_bytes = 0;
            return route;
        },
        options);
    EXPECT_EQ(curl(flags() + "-w ' %{http_code}' --data x " + server.url("/")), "<the request body is too long> 413");
}

TEST_P(Versions, RefuseBodiesInACoding) {
    const TestServer server([](const Request& request) {
        Route route = on(Lane::read, describe);
        route.takes_content_coding = request.path == "/coded";
        return route;
    });
    const std::string send = flags() + "-o /dev/null -w '%{http_code} %header{accept-encoding}' --data x -H 'Content-Encoding: ";
    EXPECT_EQ(curl(send + "gzip' " + server.url("/")), "415 identity");
    EXPECT_EQ(curl(send + "identity' " + server.url("/")), "200 ");
    EXPECT_EQ(curl(send + "gzip' " + server.url("/coded")), "200 ");
}

TEST_P(Versions, BoundTheMemoryOfAllBufferedBodies) {
    ServerOptions options = local();
    options.max_buffered_bytes = 10'000;
    const TestServer server([](const Request&) { return on(Lane::read, describe); }, options);
    const std::string large = flags() + "--include -H 'Expect:' --data-binary '" + std::string(10'001, 'x') + "' " + server.url("/");
    EXPECT_NE(curl(large).find("retry-after: 1"), std::string::npos);
    EXPECT_EQ(curl(flags() + "-o /dev/null -w '%{http_code}' --data-binary '" + std::string(9'999, 'x') + "' " + server.url("/")), "200");
    EXPECT_EQ(curl(flags() + "-o /dev/null -w '%{http_code}' --data-binary '" + std::string(9'999, 'x') + "' " + server.url("/")), "200")
        << "what was answered counts no more";
}

TEST(Server, TurnsAwayTheConnectionsOfOneClientBeyondItsShare) {
    ServerOptions options = local();
    options.max_connections_per_client = 2;
    const TestServer server([](const Request&) { return on(Lane::in_line, describe); }, options);
    const RawClient first(server.server->port());
    std::optional<RawClient> second(server.server->port());
    while (server.server->load().connections < 2) std::this_thread::yield();
    const std::string refused = RawClient(server.server->port()).receive_until("}\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ") && refused.ends_with("\"this address has too many connections\"}\n")) << refused;
    EXPECT_NE(refused.find("retry-after: 1"), std::string::npos);
    EXPECT_EQ(curl("-o /dev/null -w '%{http_code}' --interface 127.0.0.2 " + server.url("/")), "200") << "others are not touched";
    second.reset();
    while (server.server->load().connections > 1) std::this_thread::yield();
    EXPECT_EQ(curl("-o /dev/null -w '%{http_code}' " + server.url("/")), "200") << "the place is free again";
}

TEST(Server, CountsNoConnectionsOfTrustedProxies) {
    ServerOptions options = local();
    options.max_connections_per_client = 1;
    options.trusted_proxies = {"127.0.0.1"};
    const TestServer server([](const Request&) { return on(Lane::in_line, describe); }, options);
    const RawClient first(server.server->port()), second(server.server->port());
    EXPECT_EQ(curl("-o /dev/null -w '%{http_code}' " + server.url("/")), "200");
}

/// Handlers that keep their requests, bodies and all, until they are let go.
class Holding {
public:
    /// "…hold" is kept; "/small…" takes small bodies alone.
    Router router() {
        return [this](const Request& request) {
            Route route = on(Lane::read, [this](Request& held) {
                if (held.path.ends_with("hold")) held_.count_down(), go_.wait();
                return text_response(200, "");
            });
            if (request.path.starts_with("/small")) route.max_body_bytes = kSmallBody;
            return route;
        };
    }
    void wait() { held_.wait(); }
    void let_go() { go_.count_down(); }

private:
    std::latch held_{1}, go_{1};
};

/// curl's arguments for a body of that many bytes; the output is "message status retry-after".
std::string sending(std::size_t bytes, const std::string& url, const std::string& from = "127.0.0.1") {
    return flags() + "-w ' %{http_code} %header{retry-after}' -H 'Expect:' --interface " + from + " --data-binary '" +
           std::string(bytes, 'x') + "' " + url;
}

TEST_P(Versions, GiveOneClientNoMoreThanItsShareOfBufferedBodies) {
    ServerOptions options = local();
    options.max_buffered_bytes_per_client = 10'000;
    options.max_reserved_bytes_per_client = 1'250;
    Holding holding;
    const TestServer server(holding.router(), options);
    std::jthread holder([&, arguments = sending(9'000, server.url("/hold"))] { EXPECT_EQ(curl(arguments), " 200 "); });
    holding.wait();
    EXPECT_EQ(server.server->load().buffered_bytes, 9'000U);
    EXPECT_EQ(curl(sending(1'001, server.url("/"))),
              R"({"code":14,"message":"too many requests from this address are under way; try again"} 503 1)");
    EXPECT_EQ(curl(sending(1'000, server.url("/"))), " 200 ");
    EXPECT_EQ(curl(sending(9'000, server.url("/"), "127.0.0.2")), " 200 ");
    EXPECT_EQ(curl(sending(1'250, server.url("/small"))), " 200 ") << "its forms have a share of their own";
    EXPECT_NE(curl(sending(1'251, server.url("/small"))).find(" 503 1"), std::string::npos);
    holding.let_go();
    holder.join();
    EXPECT_EQ(server.server->load().buffered_bytes, 0U);
    EXPECT_EQ(curl(sending(10'000, server.url("/"))), " 200 ");
}

TEST_P(Versions, KeepAReserveForSmallBodies) {
    ServerOptions options = local();
    options.max_buffered_bytes = 16'000;
    options.max_reserved_bytes = 2'000;
    Holding large, small;
    const TestServer server([all = large.router(), reserve = small.router()](
                                const Request& request) { return (request.path.starts_with("/small") ? reserve : all)(request); },
                            options);
    const std::string busy = R"({"code":14,"message":"the server is busy; try again"} 503 1)";
    std::jthread large_holder([&, arguments = sending(16'000, server.url("/hold"))] { EXPECT_EQ(curl(arguments), " 200 "); });
    large.wait();
    EXPECT_EQ(curl(sending(1, server.url("/"), "127.0.0.2")), busy);
    EXPECT_EQ(curl(sending(2'000, server.url("/small"), "127.0.0.2")), " 200 ");
    std::jthread small_holder([&, arguments = sending(1'500, server.url("/small/hold"))] { EXPECT_EQ(curl(arguments), " 200 "); });
    small.wait();
    EXPECT_EQ(server.server->load().buffered_bytes, 17'500U);
    EXPECT_EQ(curl(sending(501, server.url("/small"), "127.0.0.2")), busy);
    EXPECT_EQ(curl(sending(500, server.url("/small"), "127.0.0.2")), " 200 ");
    large.let_go();
    small.let_go();
    large_holder.join();
    small_holder.join();
    EXPECT_EQ(server.server->load().buffered_bytes, 0U);
    EXPECT_EQ(curl(sending(16'000, server.url("/"))), " 200 ");
    EXPECT_EQ(curl(sending(2'000, server.url("/small"))), " 200 ");
}

/// Reads the whole stream; answers with its length.
Route counting(std::atomic<std::size_t>& most_memory) {
    Route route = on(Lane::bulk, [&](Request& request) {
        std::size_t bytes = 0;
        const std::size_t before = heap_in_use();
        for (;;) {
            const auto piece = request.stream->read();
            if (!piece) return text_response(500, piece.error().message);
            if (piece->empty()) return text_response(200, std::to_string(bytes));
            bytes += piece->size();
            const std::size_t now = heap_in_use();
            if (now > before && now - before > most_memory) most_memory = now - before;
        }
    });
    route.stream_body = true;
    route.max_body_bytes = 1'000'000'000;
    return route;
}

TEST_P(Versions, StreamA100MegabyteBodyInBoundedMemory) {
    std::atomic<std::size_t> most_memory = 0;
    const TestServer server([&](const Request&) { return counting(most_memory); });
    const std::string length = GetParam() == "--http1.0" ? "-H 'content-length: 104857600' -H 'Transfer-Encoding:' " : "";
    EXPECT_EQ(curl("-X POST " + flags() + length + "-T - " + server.url("/"), "head -c 104857600 /dev/zero"), "104857600");
    EXPECT_LT(most_memory, 4U << 20);
}

/// Sends `pieces` pieces; each only after `wake` when `sleepy`.
class Pieces final : public BodySource {
public:
    Pieces(int pieces, std::size_t size, bool fails = false) : left_(pieces), size_(size), fails_(fails) {}
    std::optional<std::string> next() override {
        if (left_ == 0) return std::nullopt;
        if (resting_ = !resting_; resting_) {
            // Nothing for now; from another thread it says when.
            waker_ = std::jthread([wake = wake_] { wake(); });
            return "";
        }
        --left_;
        return std::string(size_, 'x');
    }
    void on_start(std::function<void()> wake) override { wake_ = std::move(wake); }
    Headers trailers() override {
        Headers trailers;
        trailers.add("x-left", std::to_string(left_));
        return trailers;
    }
    bool failed() const override { return fails_; }

private:
    int left_;
    std::size_t size_;
    bool fails_;
    bool resting_ = false;
    std::function<void()> wake_;
    std::jthread waker_;
};

TEST_P(Versions, StreamAResponsePieceByPiece) {
    AccessLog log;
    ServerOptions options = local();
    options.on_access = log.hook();
    const TestServer server(
        [](const Request&) {
            return on(Lane::read, [](Request& request) {
                Response response;
                response.body = std::make_unique<Pieces>(200, 10'000, request.path == "/broken");
                return response;
            });
        },
        options);
    EXPECT_EQ(curl(flags() + "-o /dev/null -w '%{size_download} %{exitcode}' " + server.url("/")), "2000000 0");
    EXPECT_EQ(log.wait_for(1)[0].bytes, 2'000'000U);
    if (GetParam() == "--http1.0") return;  // has no way to show that something is missing
    const std::string broken = curl(flags() + "-o /dev/null -w '%{exitcode}' " + server.url("/broken"));
    EXPECT_TRUE(broken.ends_with("18") || broken.ends_with("92")) << broken;
}

TEST_P(Versions, EchoAStreamWhileItComes) {
    struct Echo final : BodySource {
        explicit Echo(std::unique_ptr<BodyStream> body) : from(std::move(body)) {}
        std::optional<std::string> next() override {
            auto piece = from->read();
            broken = !piece;
            if (!piece || piece->empty()) return std::nullopt;
            return *std::move(piece);
        }
        bool failed() const override { return broken; }
        std::unique_ptr<BodyStream> from;
        bool broken = false;
    };
    const TestServer server([](const Request&) {
        Route route = on(Lane::read, [](Request& request) {
            Response response;
            response.body = std::make_unique<Echo>(std::move(request.stream));
            return response;
        });
        route.stream_body = true;
        route.max_body_bytes = 1u << 30;
        return route;
    });
    const std::string length = GetParam() == "--http1.0" ? "-H 'content-length: 20000000' -H 'Transfer-Encoding:' " : "";
    const std::string shell = "bash -c \"seq 1 3000000 | head -c 20000000 | tee >(sha256sum >&2) | curl --silent --max-time 60 -X POST " +
                              flags() + length + "-T - " + server.url("/") + " | sha256sum\" 2>&1";
    std::FILE* const pipe = popen(shell.c_str(), "r");
    std::array<char, 400> sums{};
    const std::string_view both(sums.data(), std::fread(sums.data(), 1, sums.size(), pipe));
    pclose(pipe);
    ASSERT_EQ(both.size(), 2 * 68U) << both;
    EXPECT_EQ(both.substr(0, 64), both.substr(68, 64));
}

TEST_P(Versions, HoldTheSenderBackWhileTheHandlerDoesNotRead) {
    std::latch seen(1), go(1);
    std::atomic<std::size_t> at_start = 0;
    const TestServer server([&](const Request&) {
        Route route = on(Lane::bulk, [&](Request& request) {
            seen.count_down();
            go.wait();
            std::size_t bytes = 0;
            for (auto piece = request.stream->read(); piece && !piece->empty(); piece = request.stream->read()) {
                if (bytes == 0) at_start = piece->size();
                bytes += piece->size();
            }
            return text_response(200, std::to_string(bytes));
        });
        route.stream_body = true;
        route.max_body_bytes = 1u << 30;
        return route;
    });
    std::string answer;
    const std::string length = GetParam() == "--http1.0" ? "-H 'content-length: 20000000' -H 'Transfer-Encoding:' " : "";
    std::jthread client([&] { answer = curl("-X POST " + flags() + length + "-T - " + server.url("/"), "head -c 20000000 /dev/zero"); });
    seen.wait();
    go.count_down();
    client.join();
    EXPECT_EQ(answer, "20000000");
    EXPECT_LE(at_start, (256U << 10) + (64U << 10)) << "capacity of the pipe and one read beyond";
}

TEST(Server, CountsRequestsAsSecureWhereTlsEndsBeforeIt) {
    ServerOptions options = local();
    options.secure_outside = true;
    options.trusted_proxies = {"127.0.0.1/32"};
    const TestServer server([](const Request&) { return on(Lane::in_line, describe); }, options);
    EXPECT_NE(curl(server.url("/")).find(" secure"), std::string::npos);
    EXPECT_EQ(curl("-H 'X-Forwarded-Proto: http' " + server.url("/")).find(" secure"), std::string::npos);
}

TEST(Server, SaysWhyItCannotListen) {
    Lanes lanes(Lanes::default_limits());
    const Router router = [](const Request&) { return on(Lane::in_line, describe); };
    const TestServer first(router);
    ServerOptions options = local();
    options.port = first.server->port();
    const auto second = Server::listen(options, lanes, router);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::failed_precondition);
    EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;

    options = local();
    options.trusted_proxies = {"10.0.0.0/99"};
    EXPECT_EQ(Server::listen(options, lanes, router).error().code, Code::invalid_argument);
    options = local();
    options.address = "not an address";
    EXPECT_EQ(Server::listen(options, lanes, router).error().code, Code::failed_precondition);
}

TEST(Server, UsesSeveralIoThreads) {
    ServerOptions options = local();
    options.io_threads = 3;
    const TestServer server([](const Request&) { return on(Lane::read, describe); }, options);
    const std::string urls = server.url("/[1-30]");
    const std::string seen = curl("--parallel --parallel-max 10 -o /dev/null -w '%{http_code}\\n' " + urls);
    std::size_t good = 0;
    for (std::size_t at = 0; (at = seen.find("200\n", at)) != seen.npos; ++at) ++good;
    EXPECT_EQ(good, 30U) << seen;
}

TEST(Server, ListensOnIpv4AndIpv6) {
    ServerOptions options;
    options.port = 0;
    const TestServer server([](const Request&) { return on(Lane::in_line, describe); }, options);
    EXPECT_NE(curl(server.url("/")).find("from=127.0.0.1"), std::string::npos) << "an IPv4 client keeps its IPv4 address";
    const std::string v6 = curl("-g 'http://[::1]:" + std::to_string(server.server->port()) + "/'");
    EXPECT_NE(v6.find("host=[::1]"), std::string::npos) << v6;
}

}  // namespace
}  // namespace godwit::http
