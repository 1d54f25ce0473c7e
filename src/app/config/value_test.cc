#include "app/config/value.h"

#include <gtest/gtest.h>

namespace godwit::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsWhatGoReads) {
    const std::pair<const char*, Duration> good[] = {{"0", 0s},        {"90s", 90s},     {"1h30m", 90min}, {"0.25h", 15min},
                                                     {"500ms", 500ms}, {"1.5s", 1500ms}, {"240h", 240h},   {"0m", 0s}};
    for (const auto& [text, value] : good) EXPECT_EQ(parse_duration(text), value) << text;
    for (const char* bad : {"", "1", "h", "-1s", "1 s", "1d", "1s ", "1e3s", "s1", "99999999999h", "nan", "inf", "1hh"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
    for (const char* text : {"0s", "240h", "1h30m", "90ms", "1m30s250ms"}) EXPECT_EQ(write_duration(*parse_duration(text)), text);
}

TEST(Bytes, ReadAndWriteBinaryUnits) {
    const std::pair<const char*, std::uint64_t> good[] = {{"0", 0},           {"65536", 65536}, {"64KiB", 65536}, {"64 kib", 65536},
                                                          {"4G", 4ULL << 30}, {"1_000", 1000},  {"2MB", 2 << 20}};
    for (const auto& [text, value] : good) EXPECT_EQ(parse_bytes(text), Bytes{value}) << text;
    for (const char* bad : {"", "-1", "K", "1.5M", "1X", "99999999999999999999", "9999999999G"}) EXPECT_FALSE(parse_bytes(bad)) << bad;
    EXPECT_EQ(write_bytes({4ULL << 30}), "4GiB");
    EXPECT_EQ(write_bytes({1000}), "1000");
    EXPECT_EQ(write_bytes({0}), "0");
}

TEST(Value, RefusesTheWrongTypeAndKeepsWhatWasThere) {
    bool flag = true;
    EXPECT_FALSE(read_value(&flag, "yes"));
    EXPECT_TRUE(flag);
    std::uint16_t port = 80;
    EXPECT_FALSE(read_value(&port, "65536"));
    EXPECT_EQ(port, 80);
    std::int64_t number = 1;
    for (const char* bad : {"-1", "1.0", "", "0x10"}) EXPECT_FALSE(read_value(&number, bad)) << bad;
    std::optional<Time> time;
    EXPECT_FALSE(read_value(&time, "2030-01-01"));
    EXPECT_TRUE(read_value(&time, "2030-01-01T00:00:00Z"));
    EXPECT_EQ(write_value(&time), "\"2030-01-01T00:00:00Z\"");
    std::vector<std::string> list;
    EXPECT_TRUE(read_value(&list, "a, b,,c "));
    EXPECT_EQ(list, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_FALSE(read_list(&number, {"1"}));
}

TEST(Value, NeverWritesASecret) {
    Secret secret("hunter2");
    EXPECT_EQ(write_value(&secret), "\"********\"");
    secret = Secret();
    EXPECT_EQ(write_value(&secret), "\"\"");
}

}  // namespace
}  // namespace godwit::config
