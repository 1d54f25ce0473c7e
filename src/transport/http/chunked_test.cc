#include "transport/http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace godwit::http {
namespace {

/// The body, "…" if it goes on, "!" if it is malformed, and what follows it after a "|".
std::string decode(std::string_view input, std::size_t piece) {
    ChunkDecoder decoder;
    std::string body;
    while (!input.empty()) {
        std::string_view some = input.substr(0, piece);
        input.remove_prefix(some.size());
        for (;;) {
            const auto step = decoder.next(some);
            body += step.data;
            if (step.event == ChunkDecoder::Event::malformed) return "!";
            if (step.event == ChunkDecoder::Event::end) return body + "|" + std::string(some) + std::string(input);
            if (step.event == ChunkDecoder::Event::more) break;
        }
    }
    return body + "…";
}

TEST(Chunks, AreReadInOneWayHoweverTheyAreCut) {
    struct Row {
        std::string input, output;
    };
    const std::vector<Row> rows = {
        {"0\r\n\r\n", "|"},
        {"3\r\nabc\r\n0\r\n\r\nGET", "abc|GET"},
        {"0003\r\nabc\r\nA\r\n0123456789\r\n00\r\n\r\n", "abc0123456789|"},
        {"3;a=b;c=\"d\"\r\nabc\r\n0;x\r\nx: y\r\nz: w\r\n\r\n", "abc|"},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n|"},
        {"3\r\nab", "ab…"},
        {"3\r\nabc", "abc…"},
        {"3\r\nabc\r\n0\r\n", "abc…"},
        {"0\r\n\r", "…"},
        {"", "…"},
        {"\r\n", "!"},
        {"x\r\n", "!"},
        {"-1\r\n", "!"},
        {"+1\r\n", "!"},
        {"0x1\r\n", "!"},
        {" 1\r\n", "!"},
        {"1 \r\n", "!"},
        {"1\n", "!"},
        {"1\rx", "!"},
        {"1;a\n", "!"},
        {"1;a\rb", "!"},
        {";a\r\n", "!"},
        {"1\r\nab\r\n", "!"},
        {"1\r\na\n", "!"},
        {"0\r\nx: y\n", "!"},
        {"0\r\n x: y\r\n", "!"},
        {"0\r\n: y\r\n", "!"},
        {"0\r\n\n", "!"},
        {"0000000000000001\r\n", "!"},
        {"fffffffffffffff\r\na", "a…"},
        {"1000000000000000\r\n", "!"},
        {"1;" + std::string(20'000, 'x'), "!"},
        {"0\r\nx: " + std::string(20'000, 'x'), "!"},
    };
    for (const Row& row : rows) {
        for (const std::size_t piece : {1U, 2U, 3U, 5U, 100'000U}) {
            EXPECT_EQ(decode(row.input, piece), row.output) << row.input.substr(0, 60) << " in pieces of " << piece;
        }
    }
}

}  // namespace
}  // namespace godwit::http
