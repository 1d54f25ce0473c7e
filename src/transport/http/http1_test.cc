// What curl does not send: hostile shapes, pipelines, drips, byte by byte.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "transport/http/server.h"
#include "transport/http/test_client.h"

namespace godwit::http {
namespace {

using testing::AccessLog;
using testing::ask;
using testing::local;
using testing::on;
using testing::RawClient;
using testing::status_of;
using testing::TestServer;
using namespace std::chrono_literals;

Response echo(Request& request) { return text_response(200, request.method + " " + request.path + " " + request.body); }
Router echoing(Lane lane = Lane::in_line) {
    return [lane](const Request&) { return on(lane, echo); };
}
std::string body_of(const std::string& response) { return response.substr(std::min(response.size(), response.find("\r\n\r\n") + 4)); }
std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += what.size()) ++found;
    return found;
}

struct Shape {
    const char* name;
    std::string bytes;
    int status;  ///< 0: closed without an answer
};

TEST(Http1, AnswersHostileShapesPreciselyAndCloses) {
    const std::string get = "GET / HTTP/1.1\r\nhost: a\r\n";
    const std::string post = "POST / HTTP/1.1\r\nhost: a\r\n";
    const std::string smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    const std::vector<Shape> shapes = {
        {"garbage", "\x01\x02\x03\x04\r\n\r\n", 400},
        {"no version", "GET /\r\n\r\n", 400},
        {"HTTP/0.9", "GET / HTTP/0.9\r\nhost: a\r\n\r\n", 505},
        {"HTTP/2.0 in HTTP/1 form", "GET / HTTP/2.0\r\nhost: a\r\n\r\n", 505},
        {"lower case version", "GET / http/1.1\r\nhost: a\r\n\r\n", 400},
        {"two spaces", "GET  / HTTP/1.1\r\nhost: a\r\n\r\n", 400},
        {"space in target", "GET /a b HTTP/1.1\r\nhost: a\r\n\r\n", 400},
        {"tab as separator", "GET\t/ HTTP/1.1\r\nhost: a\r\n\r\n", 400},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", get + "host: a\r\n\r\n", 400},
        {"Host differs from target", "GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n", 400},
        {"malformed Host", "GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", 400},
        {"space before colon", get + "x : y\r\n\r\n", 400},
        {"space before name", get + " x: y\r\n\r\n", 400},
        {"obsolete folding", get + "x: y\r\n\tz\r\n\r\n", 400},
        {"bare LF", "GET / HTTP/1.1\nhost: a\n\r\n\r\n", 400},
        {"bare LF in a value", get + "x: y\nz: w\r\n\r\n", 400},
        {"bare CR in a value", get + "x: y\rz: w\r\n\r\n", 400},
        {"NUL in a value", get + std::string("x: y\0z\r\n\r\n", 10), 400},
        {"no name", get + ": y\r\n\r\n", 400},
        {"name with a blank", get + "x y: z\r\n\r\n", 400},
        {"length and chunked", post + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
        {"chunked and length", post + "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n" + smuggled, 400},
        {"two equal lengths", post + "content-length: 1\r\ncontent-length: 1\r\n\r\nx" + smuggled, 400},
        {"two lengths", post + "content-length: 1\r\ncontent-length: 2\r\n\r\nxx" + smuggled, 400},
        {"list of lengths", post + "content-length: 1, 1\r\n\r\nx" + smuggled, 400},
        {"signed length", post + "content-length: +1\r\n\r\nx" + smuggled, 400},
        {"huge length", post + "content-length: 18446744073709551616\r\n\r\nx", 400},
        {"too long", post + "content-length: 9999999999\r\n\r\n", 413},
        {"hidden chunked",
         post +
             "transfer-encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n" +
             smuggled,
         400},
        {"quoted chunked", post + "transfer-encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + smuggled, 501},
        {"chunked last but one", post + "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n" + smuggled, 501},
        {"chunked twice", post + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
        {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"chunk size is no number", post + "transfer-encoding: chunked\r\n\r\nzz\r\n", 400},
        {"negative chunk size", post + "transfer-encoding: chunked\r\n\r\n-1\r\n", 400},
        {"chunk size too large", post + "transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
        {"chunk without its end", post + "transfer-encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n", 400},
        {"chunk size ends with LF", post + "transfer-encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", 400},
        {"endless chunk extension", post + "transfer-encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x'), 400},
        {"endless trailers", post + "transfer-encoding: chunked\r\n\r\n0\r\nx: " + std::string(20'000, 'x'), 400},
        {"unknown expectation", post + "content-length: 1\r\nexpect: more\r\n\r\n", 417},
        {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n", 501},
        {"long target", "GET /" + std::string(70'000, 'x') + " HTTP/1.1\r\nhost: a\r\n\r\n", 431},
        {"long value", get + "x: " + std::string(70'000, 'x') + "\r\n\r\n", 431},
        {"head without end", get + "x: " + std::string(70'000, 'x'), 431},
        {"many fields",
         [&] {
             std::string head = get;
             for (int i = 0; i < 300; ++i) head += "x: y\r\n";
             return head + "\r\n";
         }(),
         431},
        {"client hangs up in its head", get, 0},
        {"client hangs up in its body", post + "content-length: 10\r\n\r\nabc", 0},
    };
    AccessLog log;
    ServerOptions options = local();
    options.on_access = log.hook();
    const TestServer server(echoing(), options);
    for (const Shape& shape : shapes) {
        const RawClient client(server.server->port());
        client.send(shape.bytes);
        client.finish_sending();
        const std::string response = client.receive_all();
        EXPECT_EQ(status_of(response), shape.status) << shape.name << ": " << response;
        EXPECT_EQ(count(response, "HTTP/1.1 "), shape.status == 0 ? 0U : 1U) << shape.name << ": nothing after it was taken for a request";
        EXPECT_EQ(response.find("smuggled"), response.npos) << shape.name;
        if (shape.status == 0) continue;
        EXPECT_NE(response.find("connection: close\r\n"), response.npos) << shape.name;
        EXPECT_NE(body_of(response).find(R"("message":")"), std::string::npos) << shape.name << ": " << response;
    }
}

TEST(Http1, AcceptsUnusualButClearShapes) {
    const std::vector<std::pair<const char*, std::string>> shapes = {
        {"empty line first", "\r\nGET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"},
        {"no space after colon", "GET /x HTTP/1.1\r\nhost:a\r\nconnection:close\r\n\r\n"},
        {"white space around a value", "GET /x HTTP/1.1\r\nhost: \t a \t\r\nconnection: close\r\n\r\n"},
        {"empty value", "GET /x HTTP/1.1\r\nhost: a\r\nx:\r\nconnection: close\r\n\r\n"},
        {"chunk extension and trailer",
         "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n0;a=b\r\nhost: b\r\n\r\n"},
        {"absolute form", "GET http://a/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"},
    };
    const TestServer server(echoing());
    for (const auto& [name, bytes] : shapes) EXPECT_EQ(body_of(ask(server, bytes)), "GET /x ") << name;
}

TEST(Http1, AnswersPipelinedRequestsInOrder) {
    for (const Lane lane : {Lane::in_line, Lane::read}) {
        const TestServer server(echoing(lane));
        std::string all, expected;
        for (int i = 0; i < 500; ++i) {
            all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc";
            expected += "POST /" + std::to_string(i) + " abc|";
        }
        const RawClient client(server.server->port());
        client.send(all);
        client.finish_sending();  // all of them are answered all the same
        const std::string responses = client.receive_all();
        std::string bodies;
        for (std::size_t at = 0; (at = responses.find("\r\n\r\n", at)) != responses.npos;) {
            at += 4;
            const auto end = std::min(responses.find("HTTP/1.1 ", at), responses.size());
            bodies += responses.substr(at, end - at) + "|";
        }
        EXPECT_TRUE(bodies == expected) << to_string(lane) << " …"
                                        << bodies.substr(bodies.size() - std::min<std::size_t>(bodies.size(), 100));
    }
}

TEST(Http1, TakesARequestByteByByte) {
    const TestServer server(echoing(Lane::read));
    const RawClient client(server.server->port());
    for (int round = 0; round < 2; ++round) {
        for (const char c :
             std::string("POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n"))
            client.send({&c, 1});
        EXPECT_EQ(body_of(client.receive_until("abc")), "POST /x abc") << round;
    }
}

TEST(Http1, KeepsAliveAsTheVersionHasIt) {
    const TestServer server(echoing());
    const RawClient kept(server.server->port());
    for (int i = 0; i < 3; ++i) {
        kept.send("GET /x HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
        const std::string response = kept.receive_until("GET /x ");
        EXPECT_NE(response.find("connection: keep-alive\r\n"), response.npos) << response;
    }
    EXPECT_NE(ask(server, "GET /x HTTP/1.0\r\n\r\n").find("connection: close"), std::string::npos);
    EXPECT_NE(ask(server, "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").find("connection: close"), std::string::npos);
}

TEST(Http1, RefusalReachesAClientThatStillSends) {
    const TestServer server([](const Request&) {
        Route route = on(Lane::read, echo);
        route.max_body_bytes = 10;
        return route;
    });
    const RawClient client(server.server->port());
    client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 8000000\r\n\r\n");
    client.send(std::string(4'000'000, 'x'));  // far more than the sockets hold: the server has to take it
    EXPECT_EQ(status_of(client.receive_until("too long")), 413);
}

TEST(Http1, StreamLongerThanItsRouteAllowsFailsForTheReader) {
    std::atomic<Code> seen{};
    const TestServer server([&](const Request&) {
        Route route = on(Lane::bulk, [&](Request& request) {
            for (;;) {
                const auto piece = request.stream->read();
                if (!piece) return seen = piece.error().code, text_response(413, "told by the handler");
                if (piece->empty()) return text_response(200, "whole");
            }
        });
        route.stream_body = true;
        route.max_body_bytes = 100;
        return route;
    });
    const std::string response =
        ask(server, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nff\r\n" + std::string(255, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(status_of(response), 413);
    EXPECT_EQ(body_of(response), "told by the handler");
    EXPECT_EQ(seen, Code::resource_exhausted);
}

TEST(Http1, ReaderLearnsThatTheClientLeft) {
    std::latch reading(1);
    std::promise<Code> seen;
    const TestServer server([&](const Request&) {
        Route route = on(Lane::bulk, [&](Request& request) {
            EXPECT_EQ(request.stream->read(), "abc");
            reading.count_down();
            seen.set_value(request.stream->read().error().code);
            EXPECT_TRUE(request.cancelled());
            return text_response(200, "");
        });
        route.stream_body = true;
        return route;
    });
    RawClient client(server.server->port());
    client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc");
    reading.wait();
    client.close();
    EXPECT_EQ(seen.get_future().get(), Code::cancelled);
}

TEST(Http1, HandlerLearnsThatTheClientLeft) {
    AccessLog log;
    ServerOptions options = local();
    options.on_access = log.hook();
    std::latch running(1);
    const TestServer server(
        [&](const Request&) {
            return on(Lane::read, [&](Request& request) {
                running.count_down();
                while (!request.cancelled()) std::this_thread::yield();
                return text_response(200, "");
            });
        },
        options);
    RawClient client(server.server->port());
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    running.wait();
    client.close();
    EXPECT_EQ(log.wait_for(1).size(), 1U);
}

TEST(Http1, DeadlineCancels) {
    const TestServer server([](const Request&) {
        return on(Lane::read, [](Request& request) {
            EXPECT_FALSE(request.cancelled());
            request.deadline = std::chrono::steady_clock::now();
            return text_response(200, request.cancelled() ? "late" : "in time");
        });
    });
    EXPECT_EQ(body_of(ask(server, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")), "late");
}

TEST(Http1, CutsOffDripsAndSilence) {
    ServerOptions options = local();
    options.header_timeout = 100ms;
    options.body_idle_timeout = 100ms;
    options.idle_timeout = 100ms;
    options.min_bytes_per_second = 10'000;
    const TestServer server(echoing(), options);
    struct Row {
        const char* name;
        std::string first, drip;
        std::string expected;
    };
    const std::vector<Row> rows = {
        {"silence", "", "", ""},
        {"dripping head", "GET / HTTP/1.1\r\n", "x: y\r\n", "HTTP/1.1 408"},
        {"half of the HTTP/2 preface", "PRI * HT", "", ""},
        {"silent body", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc", "", "HTTP/1.1 408"},
        {"dripping body", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nabc", "x", "HTTP/1.1 408"},
        {"idle after a request", "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "", "HTTP/1.1 200"},
    };
    for (const Row& row : rows) {
        const RawClient client(server.server->port());
        client.send(row.first);
        if (!row.drip.empty()) {
            while (!client.readable_within(5ms)) client.send(row.drip);
        }
        const std::string response = client.receive_all();
        EXPECT_EQ(response.substr(0, 12), row.expected) << row.name;
    }
}

TEST(Http1, CutsOffAReaderThatDoesNotRead) {
    AccessLog log;
    ServerOptions options = local();
    options.body_idle_timeout = 100ms;
    options.on_access = log.hook();
    std::promise<void> destroyed;
    struct Endless final : BodySource {
        explicit Endless(std::promise<void>& end) : end_(end) {}
        ~Endless() override { end_.set_value(); }
        std::optional<std::string> next() override { return std::string(100'000, 'x'); }
        std::promise<void>& end_;
    };
    const TestServer server(
        [&](const Request&) {
            return on(Lane::read, [&](Request&) {
                Response response;
                response.body = std::make_unique<Endless>(destroyed);
                return response;
            });
        },
        options);
    const RawClient client(server.server->port(), 4096);
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ(destroyed.get_future().wait_for(testing::kPatience), std::future_status::ready);
    EXPECT_LT(log.wait_for(1)[0].bytes, 20U << 20) << "and did not make more than the sockets hold";
}

TEST(Http1, TurnsAwayConnectionsAboveTheLimit) {
    ServerOptions options = local();
    options.max_connections = 2;
    const TestServer server(echoing(), options);
    std::vector<RawClient> open;
    for (int i = 0; i < 2; ++i) {
        open.emplace_back(server.server->port());
        open.back().send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
        EXPECT_EQ(status_of(open.back().receive_until("GET /x")), 200);
    }
    const std::string refused = ask(server, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_NE(refused.find("retry-after: 1\r\n"), refused.npos);
    EXPECT_EQ(server.server->load().connections, 2U);

    open.clear();
    while (server.server->load().connections > 0) std::this_thread::yield();
    EXPECT_EQ(status_of(ask(server, "GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")), 200);
}

TEST(Http1, GivesBackTheMemoryOfBodiesThatNeverArriveWhole) {
    ServerOptions options = local();
    options.max_buffered_bytes = 1'000;
    const TestServer server(echoing(), options);
    const auto buffered = [&] { return server.server->load().buffered_bytes; };
    for (const bool reset : {false, true}) {
        RawClient client(server.server->port());
        client.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n" + std::string(999, 'x'));
        while (buffered() < 999) std::this_thread::yield();
        if (reset) client.reset_on_close();
        client.close();
        while (buffered() > 0) std::this_thread::yield();
    }
}

TEST(Http1, DrainFinishesWhatIsUnderWayAndTakesNothingNew) {
    std::latch running(1), go(1);
    const TestServer server([&](const Request& request) {
        if (request.path != "/slow") return on(Lane::in_line, echo);
        return on(Lane::read, [&](Request& slow) { return running.count_down(), go.wait(), echo(slow); });
    });
    const RawClient idle(server.server->port());
    idle.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    idle.receive_until("GET /x");
    const RawClient busy(server.server->port());
    busy.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
    running.wait();
    std::jthread draining([&] { server.server->drain(testing::kPatience); });
    EXPECT_EQ(idle.receive_some(), "") << "an idle connection ends at once";
    EXPECT_FALSE(RawClient(server.server->port()).connected());
    go.count_down();
    const std::string response = busy.receive_all();
    EXPECT_EQ(status_of(response), 200);
    EXPECT_NE(response.find("connection: close\r\n"), response.npos);
    draining.join();
    EXPECT_EQ(server.server->load().connections, 0U);
}

TEST(Http1, DrainEndsAfterItsGrace) {
    std::latch running(1);
    std::atomic<bool> told = false;
    TestServer server([&](const Request&) {
        return on(Lane::read, [&](Request& request) {
            running.count_down();
            while (!request.cancelled()) std::this_thread::yield();
            told = true;
            return text_response(200, "");
        });
    });
    const RawClient client(server.server->port());
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    running.wait();
    server.server->drain(1ms);
    EXPECT_EQ(client.receive_all(), "");
    server.server.reset();
    EXPECT_TRUE(told) << "the server waits for the handler";
}

}  // namespace
}  // namespace godwit::http
