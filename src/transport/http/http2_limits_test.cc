// What one HTTP/2 connection, and one client of many, may cost: frames that carry nothing, heads, answers that are not taken.
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <chrono>
#include <latch>
#include <thread>

#include "transport/http/server.h"
#include "transport/http/test_frames.h"

namespace godwit::http {
namespace {

using testing::Frames;
using testing::local;
using testing::on;
using testing::TestServer;

Router saying(std::string text) {
    return [text](const Request&) { return on(Lane::in_line, [text](Request&) { return text_response(200, text); }); };
}

TEST(Http2Limits, EndFloodsOfFramesThatCarryNothing) {
    const struct {
        const char* name;
        std::string frame;
    } rows[] = {
        {"PING", Frames::frame(NGHTTP2_PING, 0, 0, "12345678")},
        {"SETTINGS", Frames::frame(NGHTTP2_SETTINGS, 0, 0, "")},
        {"PRIORITY", Frames::frame(NGHTTP2_PRIORITY, 0, 7, Frames::number(0) + "\x10")},
        {"PRIORITY of a stream that has ended", Frames::frame(NGHTTP2_PRIORITY, 0, 3, Frames::number(0) + "\x10")},
        {"empty DATA", Frames::frame(NGHTTP2_DATA, 0, 1, "")},
    };
    ServerOptions patient = local();
    patient.idle_timeout = std::chrono::hours(1);  // an end must come from the count of frames
    for (const auto& row : rows) {
        const TestServer server(saying("x"), patient);
        Frames client(server);
        client.headers(1, Frames::request("/", "POST"), false);
        client.headers(3, Frames::request("/"));
        EXPECT_EQ(client.answer(3).body, "x");
        std::string hundred;
        for (int i = 0; i < 100; ++i) hundred += row.frame;
        for (int i = 0; i < 10; ++i) client.send_raw(hundred);
        client.headers(5, Frames::request("/"));
        EXPECT_EQ(client.answer(5).body, "x") << row.name << ": a thousand are no flood";
        // Its answers fill the network unless somebody reads them.
        std::jthread flood([&client, &hundred] {
            while (client.send_raw(hundred)) {
            }
        });
        // Thousands of acknowledgements at once end it without a last word (nghttp2's own limit).
        const auto goaway = client.next(NGHTTP2_GOAWAY);
        if (goaway.type == -1) continue;
        EXPECT_EQ(goaway.number(4), static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM)) << row.name;
        while (client.next().type != -1) {
        }
    }
}

TEST(Http2Limits, CountTheHeadsOfRequestsUnderWay) {
    std::latch go(1);
    ServerOptions options = local();
    options.max_buffered_bytes_per_client = 256 << 10;
    const TestServer server(
        [&](const Request& request) {
            if (request.path == "/quick") return on(Lane::in_line, [](Request&) { return text_response(200, "x"); });
            return on(Lane::read, [&](Request&) { return go.wait(), text_response(200, ""); });
        },
        options);
    Frames client(server);
    const auto large = Frames::request("/", "GET", {{"x-large", std::string(15'000, 'x')}});
    std::int32_t refused = 0;
    for (std::int32_t id = 1; id < 200 && refused == 0; id += 4) {
        client.headers(id, large);
        client.headers(id + 2, Frames::request("/quick"));  // its answer says that the one before has been looked at
        for (auto frame = client.next(); refused == 0 && (frame.stream != id + 2 || !frame.last()); frame = client.next()) {
            ASSERT_NE(frame.type, -1);
            if (frame.type != NGHTTP2_RST_STREAM) continue;
            EXPECT_EQ(frame.number(), static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
            refused = frame.stream;
        }
    }
    EXPECT_GE(refused, 4 * 10) << "some heads of 15 KB fit into 256 KiB";
    EXPECT_LE(server.server->load().buffered_bytes, 256U << 10);
    go.count_down();
    client.hang_up();
    // They are given back with the connection, which is still there for a moment after the last of its requests.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (server.server->load().buffered_bytes > 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_EQ(server.server->load().buffered_bytes, 0U);
}

TEST(Http2Limits, CountAnswersThatNobodyTakes) {
    ServerOptions options = local();
    options.max_buffered_bytes_per_client = 256 << 10;
    const TestServer server(saying(std::string(30'000, 'x')), options);
    Frames client(server);
    client.send(NGHTTP2_SETTINGS, 0, 0, std::string{0, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE} + Frames::number(0));
    int served = 0, refused = 0;
    for (std::int32_t id = 1; id < 60; id += 2) {
        client.headers(id, Frames::request("/"));
        const auto head = client.next(NGHTTP2_HEADERS, id);
        (head.fields.at(":status") == "200" ? served : refused)++;
        if (head.fields.at(":status") != "200") {
            EXPECT_EQ(head.fields.at(":status"), "503");
        }
    }
    EXPECT_GE(served, 5);
    EXPECT_GE(refused, 20);
    EXPECT_LE(server.server->load().buffered_bytes, 256U << 10);
    client.hang_up();
    while (server.server->load().connections > 0) std::this_thread::yield();
    EXPECT_EQ(server.server->load().buffered_bytes, 0U);
}

}  // namespace
}  // namespace godwit::http
