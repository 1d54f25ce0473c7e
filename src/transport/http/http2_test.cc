// HTTP/2 frame by frame: flow control, trailers, and what hostile clients do.
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <atomic>
#include <future>
#include <latch>
#include <map>
#include <thread>

#include "transport/http/server.h"
#include "transport/http/test_frames.h"

namespace godwit::http {
namespace {

using testing::AccessLog;
using testing::Fields;
using testing::Frames;
using testing::local;
using testing::on;
using testing::TestServer;
using namespace std::chrono_literals;

Response echo(Request& request) { return text_response(200, request.method + " " + request.path + " " + request.body); }
Router echoing(Lane lane = Lane::in_line) {
    return [lane](const Request&) { return on(lane, echo); };
}

TEST(Http2, AnswersManyStreamsOfOneConnection) {
    const TestServer server(echoing(Lane::read));
    Frames client(server);
    for (std::int32_t id = 1; id < 200; id += 2) client.headers(id, Frames::request("/" + std::to_string(id)));
    std::map<std::int32_t, std::string> bodies;
    while (bodies.size() < 100) {
        const auto frame = client.next(NGHTTP2_DATA);
        ASSERT_EQ(frame.type, NGHTTP2_DATA);
        bodies[frame.stream] += frame.payload;
    }
    for (const auto& [id, body] : bodies) EXPECT_EQ(body, "GET /" + std::to_string(id) + " ");
}

TEST(Http2, SendsTrailersAfterTheBodyAndWithoutOne) {
    struct Source final : BodySource {
        std::optional<std::string> next() override { return done ? std::nullopt : (done = true, std::optional<std::string>("piece")); }
        Headers trailers() override {
            Headers trailers;
            trailers.add("grpc-status", "9");
            return trailers;
        }
        bool done = false;
    };
    const TestServer server([](const Request&) {
        return on(Lane::read, [](Request& request) {
            Response response;
            response.headers.add("content-type", "application/grpc");
            if (request.path == "/fixed") response.body = "body";
            if (request.path == "/source") {
                response.body = std::make_unique<Source>();
            } else {
                response.trailers.add("grpc-status", "5");
                response.trailers.add("grpc-message", "a\r\nb");
            }
            return response;
        });
    });
    Frames client(server);
    for (const auto& [id, path, body, status] :
         {std::tuple{1, "/fixed", "body", "5"}, {3, "/none", "", "5"}, {5, "/source", "piece", "9"}}) {
        client.headers(id, Frames::request(path));
        const auto answer = client.answer(id);
        EXPECT_EQ(answer.headers.at(":status"), "200") << path;
        EXPECT_EQ(answer.body, body) << path;
        EXPECT_EQ(answer.trailers.at("grpc-status"), status) << path;
        EXPECT_EQ(answer.trailers.contains("grpc-message") ? answer.trailers.at("grpc-message") : "a  b", "a  b") << path;
    }
}

TEST(Http2, RefusesHeadsAsHttp1Does) {
    struct Row {
        const char* name;
        Fields fields;
        const char* status;  ///< "": the stream is reset
    };
    const Fields pseudo = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};
    const auto with = [&](Fields more) {
        Fields fields = pseudo;
        fields.insert(fields.end(), more.begin(), more.end());
        return fields;
    };
    const std::vector<Row> rows = {
        {"good", with({{":authority", "a"}}), "200"},
        {"Host alone", with({{"host", "a"}}), "200"},
        {"no host", pseudo, ""},
        {"Host that differs", with({{":authority", "a"}, {"host", "b"}}), "400"},
        {"two Hosts", with({{"host", "a"}, {"host", "a"}}), ""},
        {"malformed authority", with({{":authority", "a/b"}}), ""},
        {"port that is none", with({{":authority", "a:b"}}), "400"},
        {"upper case name", with({{":authority", "a"}, {"X", "y"}}), ""},
        {"field of a connection", with({{":authority", "a"}, {"connection", "close"}}), ""},
        {"chunked", with({{":authority", "a"}, {"transfer-encoding", "chunked"}}), ""},
        {"line end in a value", with({{":authority", "a"}, {"x", "a\r\nb"}}), ""},
        {"two paths", with({{":authority", "a"}, {":path", "/b"}}), ""},
        {"relative path", {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "b"}}, ""},
        {"CONNECT", {{":method", "CONNECT"}, {":authority", "a:1"}}, "501"},
        {"long value", with({{":authority", "a"}, {"x", std::string(16'000, 'x')}, {"y", "z"}}), "431"},
        {"many fields", with([] {
             Fields fields = {{":authority", "a"}};
             for (int i = 0; i < 300; ++i) fields.emplace_back("x", "y");
             return fields;
         }()),
         "431"},
    };
    ServerOptions options = local();
    options.max_header_bytes = 16'000;
    const TestServer server(echoing(), options);
    for (const Row& row : rows) {
        Frames client(server);
        client.headers(1, row.fields);
        const auto answer = client.answer(1);
        EXPECT_EQ(answer.headers.contains(":status") ? answer.headers.at(":status") : "", row.status) << row.name;
        EXPECT_EQ(answer.reset.has_value(), std::string_view(row.status).empty()) << row.name;
    }
}

TEST(Http2, EndsAFloodOfContinuations) {
    const TestServer server(echoing());
    Frames client(server);
    client.send(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, Frames::block(Frames::request("/")));
    const std::string more = Frames::frame(NGHTTP2_CONTINUATION, 0, 1, Frames::block({{"x", std::string(1'000, 'y')}}));
    while (client.send_raw(more)) {
        if (client.readable_within(0ms) && client.next().type == -1) break;  // or goes on for ever
    }
    SUCCEED();
}

TEST(Http2, EndsRapidResetsCalmly) {
    std::atomic<int> handled = 0;
    const TestServer server([&](const Request&) { return on(Lane::read, [&](Request& request) { return ++handled, echo(request); }); });
    Frames client(server);
    std::string burst;
    for (std::int32_t id = 1; id < 4'000; id += 2) {
        burst +=
            Frames::frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, id, Frames::block(Frames::request("/")));
        burst += Frames::frame(NGHTTP2_RST_STREAM, 0, id, Frames::number(NGHTTP2_CANCEL));
    }
    client.send_raw(burst);
    const auto goaway = client.next(NGHTTP2_GOAWAY);
    ASSERT_EQ(goaway.type, NGHTTP2_GOAWAY);
    EXPECT_EQ(goaway.number(4), static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
    EXPECT_LT(handled, 500);
}

TEST(Http2, HandlersOfResetStreamsStillCount) {
    std::latch running(3), go(1);
    std::atomic<int> cancelled = 0;
    ServerOptions options = local();
    options.max_streams = 3;
    const TestServer server(
        [&](const Request&) {
            return on(Lane::outgoing, [&](Request& request) {
                running.count_down();
                go.wait();
                while (!request.cancelled()) std::this_thread::yield();
                ++cancelled;
                return text_response(200, "");
            });
        },
        options);
    Frames client(server);
    for (const std::int32_t id : {1, 3, 5}) client.headers(id, Frames::request("/"));
    running.wait();
    for (const std::int32_t id : {1, 3, 5}) client.reset(id);
    client.headers(7, Frames::request("/"));
    EXPECT_EQ(client.answer(7).reset, static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
    go.count_down();
    while (cancelled < 3) std::this_thread::yield();
}

TEST(Http2, CountsABodyForAsLongAsItsHandlerHasIt) {
    std::latch running(1), go(1);
    AccessLog log;
    ServerOptions options = local();
    options.on_access = log.hook();
    const TestServer server(
        [&](const Request&) {
            return on(Lane::read, [&](Request& request) {
                running.count_down();
                go.wait();
                return text_response(200, request.body);
            });
        },
        options);
    const auto buffered = [&] { return server.server->load().buffered_bytes; };
    Frames client(server);
    client.headers(1, Frames::request("/", "POST"), false);
    client.data(1, std::string(700, 'x'), true);
    client.headers(3, Frames::request("/", "POST"), false);
    client.data(3, std::string(50, 'x'), false);
    running.wait();
    while (buffered() != 750) std::this_thread::yield();
    client.reset(1);
    client.reset(3);
    EXPECT_EQ(log.wait_for(2).size(), 2U);
    while (buffered() > 700) std::this_thread::yield();
    EXPECT_EQ(buffered(), 700U);
    go.count_down();
    while (buffered() > 0) std::this_thread::yield();
}

TEST(Http2, GivesBackARefusedBodyBeforeTheRefusalIsRead) {
    ServerOptions options = local();
    options.max_buffered_bytes_per_client = 1'000;
    const TestServer server([](const Request&) { return on(Lane::read, echo); }, options);
    Frames client(server);
    client.send(NGHTTP2_SETTINGS, 0, 0, std::string{0, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE} + Frames::number(0));
    client.headers(1, Frames::request("/", "POST"), false);
    client.data(1, std::string(1'000, 'x'), false);
    client.data(1, "x", false);
    const auto answer = client.next(NGHTTP2_HEADERS, 1);
    EXPECT_EQ(answer.fields.at(":status"), "503");
    EXPECT_EQ(answer.fields.at("retry-after"), "1");
    EXPECT_EQ(server.server->load().buffered_bytes, 0U);
    EXPECT_EQ(server.server->load().requests, 1U) << "and it is still there";
}

TEST(Http2, OpensAStreamsWindowOnlyAsItIsRead) {
    std::latch go(1);
    std::promise<std::size_t> total;
    const TestServer server([&](const Request& request) {
        if (request.path == "/other") return on(Lane::in_line, echo);
        Route route = on(Lane::bulk, [&](Request& streamed) {
            go.wait();
            std::size_t bytes = 0;
            for (auto piece = streamed.stream->read(); piece && !piece->empty(); piece = streamed.stream->read()) bytes += piece->size();
            total.set_value(bytes);
            return text_response(200, "");
        });
        route.stream_body = true;
        return route;
    });
    Frames client(server);
    client.headers(1, Frames::request("/", "POST"), false);
    constexpr std::size_t kWindow = 256 << 10;
    const std::string piece(16 << 10, 'x');
    for (std::size_t sent = 0; sent < kWindow; sent += piece.size()) client.data(1, piece, false);
    // Another stream is served all the same; until then, no window of the first was opened.
    client.headers(3, Frames::request("/other"));
    for (;;) {
        const auto frame = client.next();
        ASSERT_NE(frame.type, -1);
        EXPECT_FALSE(frame.type == NGHTTP2_WINDOW_UPDATE && frame.stream == 1);
        if (frame.type == NGHTTP2_DATA && frame.stream == 3 && frame.last()) break;
    }
    go.count_down();
    EXPECT_GE(client.next(NGHTTP2_WINDOW_UPDATE, 1).number(), kWindow / 2);
    client.data(1, piece, true);
    EXPECT_EQ(client.answer(1).headers.at(":status"), "200");
    EXPECT_EQ(total.get_future().get(), kWindow + piece.size());
}

TEST(Http2, ResetsAStreamThatIsTooLongOnceItIsAnswered) {
    const TestServer server([](const Request&) {
        Route route = on(Lane::read, [](Request&) {
            struct Waiting final : BodySource {
                std::optional<std::string> next() override { return ""; }
            };
            Response response;
            response.body = std::make_unique<Waiting>();
            return response;
        });
        route.stream_body = true;
        route.max_body_bytes = 10;
        return route;
    });
    Frames client(server);
    client.headers(1, Frames::request("/", "POST"), false);
    EXPECT_EQ(client.next(NGHTTP2_HEADERS, 1).fields.at(":status"), "200");
    client.data(1, "12345678901", false);
    EXPECT_EQ(client.answer(1).reset, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
}

TEST(Http2, ReaderAndHandlerLearnOfAReset) {
    AccessLog log;
    ServerOptions options = local();
    options.on_access = log.hook();
    std::latch reading(1);
    std::promise<Code> seen;
    const TestServer server(
        [&](const Request&) {
            Route route = on(Lane::bulk, [&](Request& request) {
                EXPECT_EQ(request.stream->read(), "abc");
                reading.count_down();
                const auto end = request.stream->read();
                EXPECT_TRUE(request.cancelled());
                seen.set_value(end ? Code::unknown : end.error().code);
                return text_response(200, "");
            });
            route.stream_body = true;
            return route;
        },
        options);
    Frames client(server);
    client.headers(1, Frames::request("/", "POST"), false);
    client.data(1, "abc", false);
    reading.wait();
    client.reset(1);
    EXPECT_EQ(seen.get_future().get(), Code::cancelled);
    EXPECT_EQ(log.wait_for(1).at(0).status, 499);
}

TEST(Http2, CutsOffSlowClients) {
    ServerOptions options = local();
    options.header_timeout = 100ms;
    options.body_idle_timeout = 100ms;
    options.idle_timeout = 300ms;
    options.min_bytes_per_second = 10'000;
    const TestServer server(echoing(Lane::read), options);
    {
        Frames client(server);
        client.headers(1, Frames::request("/", "POST"), false);
        while (!client.data(1, "x", false) || !client.readable_within(5ms)) {
        }
        auto answer = client.answer(1);
        EXPECT_EQ(answer.headers.at(":status"), "408") << "a dripping body";
    }
    {
        Frames client(server);
        client.send(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, Frames::block(Frames::request("/")));
        EXPECT_EQ(client.next(NGHTTP2_GOAWAY).type, NGHTTP2_GOAWAY) << "a head without its end";
    }
    {
        Frames client(server);
        client.headers(1, Frames::request("/"));
        EXPECT_EQ(client.answer(1).headers.at(":status"), "200");
        EXPECT_EQ(client.next(NGHTTP2_GOAWAY).type, NGHTTP2_GOAWAY) << "idle";
        EXPECT_EQ(client.next().type, -1);
    }
}

TEST(Http2, AResponseThatNobodyTakesIsResetAndCostsLittle) {
    ServerOptions options = local();
    options.body_idle_timeout = 100ms;
    std::promise<std::size_t> made;
    struct Endless final : BodySource {
        explicit Endless(std::promise<std::size_t>& end) : end_(end) {}
        ~Endless() override { end_.set_value(made_); }
        std::optional<std::string> next() override { return made_ += 10'000, std::string(10'000, 'x'); }
        std::promise<std::size_t>& end_;
        std::size_t made_ = 0;
    };
    const TestServer server(
        [&](const Request&) {
            return on(Lane::read, [&](Request&) {
                Response response;
                response.body = std::make_unique<Endless>(made);
                return response;
            });
        },
        options);
    Frames client(server);
    client.headers(1, Frames::request("/"));
    EXPECT_EQ(client.answer(1).reset, static_cast<std::uint32_t>(NGHTTP2_CANCEL));
    EXPECT_LT(made.get_future().get(), 200'000U) << "the window of 65,535 bytes and a piece or two";
}

TEST(Http2, RestingStreamsAreLeftInPeaceWhereTheRouteSaysSo) {
    ServerOptions options = local();
    options.body_idle_timeout = 40ms;
    std::latch reading(1);
    const TestServer server(
        [&](const Request& request) {
            if (request.path == "/hurried") return on(Lane::read, echo);
            Route route = on(Lane::bulk, [&](Request& streamed) {
                reading.count_down();
                const auto piece = streamed.stream->read();
                return text_response(200, piece ? *piece : "failed");
            });
            route.stream_body = route.body_may_rest = true;
            return route;
        },
        options);
    Frames client(server);
    client.headers(1, Frames::request("/resting", "POST"), false);
    reading.wait();
    client.headers(3, Frames::request("/hurried", "POST"), false);
    EXPECT_EQ(client.answer(3).headers.at(":status"), "408") << "by then the first has waited as long";
    client.data(1, "hello", true);
    EXPECT_EQ(client.answer(1).body, "hello");
}

TEST(Http2, EndsConnectionsThatGoOnWithEndedStreams) {
    const TestServer server([](const Request&) { return on(Lane::in_line, [](Request&) { return text_response(200, "ok"); }); });
    struct Row {
        std::string name;
        std::function<void(Frames&)> first, then;
        std::uint32_t error;
    };
    const auto again = [](Frames& client) { client.headers(5, Frames::request("/")); };
    const auto ended = [again](Frames& client) { again(client), client.answer(5); };
    const auto reset = [](Frames& client) { client.headers(5, Frames::request("/", "POST"), false), client.reset(5); };
    const Fields bad = Frames::request("/", "POST", {{"te", "gzip"}});
    const auto refused = [&](Frames& client) { client.headers(5, bad, false), client.next(NGHTTP2_RST_STREAM, 5); };
    const Row rows[] = {
        {"again after the end", ended, again, NGHTTP2_STREAM_CLOSED},
        {"again after its reset", reset, again, NGHTTP2_STREAM_CLOSED},
        {"a stream below the newest", ended, [](Frames& client) { client.headers(3, Frames::request("/")); }, NGHTTP2_PROTOCOL_ERROR},
        {"late trailers after our reset", refused, [](Frames& client) { client.headers(5, {{"x", "late"}}); }, NGHTTP2_NO_ERROR},
    };
    for (const auto& row : rows) {
        Frames client(server);
        row.first(client);
        row.then(client);
        client.headers(7, Frames::request("/"));
        if (row.error == NGHTTP2_NO_ERROR) {
            EXPECT_EQ(client.answer(7).body, "ok") << row.name;
        } else {
            EXPECT_EQ(client.next(NGHTTP2_GOAWAY).number(4), row.error) << row.name;
        }
    }
}

TEST(Http2, DrainSaysGoawayAndFinishesWhatIsUnderWay) {
    std::latch running(1), go(1);
    const TestServer server(
        [&](const Request&) { return on(Lane::read, [&](Request& request) { return running.count_down(), go.wait(), echo(request); }); });
    Frames client(server);
    client.headers(1, Frames::request("/slow"));
    running.wait();
    std::jthread draining([&] { server.server->drain(testing::kPatience); });
    auto goaway = client.next(NGHTTP2_GOAWAY);
    EXPECT_EQ(goaway.number(), 0x7fffffffU) << "first a notice";
    goaway = client.next(NGHTTP2_GOAWAY);
    EXPECT_EQ(goaway.number(), 1U) << "then the last stream that is served";
    go.count_down();
    EXPECT_EQ(client.answer(1).body, "GET /slow ");
    EXPECT_EQ(client.next().type, -1);
    client.hang_up();
}

TEST(Http2, EndsWhatIsNoHttp2) {
    const TestServer server(echoing());
    for (const std::string& bytes :
         {std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), Frames::frame(NGHTTP2_DATA, 0, 1, "x"),
          Frames::frame(NGHTTP2_HEADERS, 5, 2, ""), Frames::frame(NGHTTP2_HEADERS, 5, 1, "\xff\xff\xff\xff\xff"),
          Frames::frame(NGHTTP2_WINDOW_UPDATE, 0, 0, Frames::number(0)), Frames::frame(NGHTTP2_PUSH_PROMISE, 4, 1, Frames::number(2))}) {
        Frames client(server);
        client.send_raw(bytes);
        EXPECT_EQ(client.next(NGHTTP2_GOAWAY).type, NGHTTP2_GOAWAY);
        EXPECT_EQ(client.next().type, -1);
    }
}

}  // namespace
}  // namespace godwit::http
