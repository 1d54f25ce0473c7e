#include "base/duration.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(GoDuration, ReadsWhatGoWrites) {
    using namespace std::chrono_literals;
    const std::pair<std::string_view, std::chrono::microseconds> rows[] = {
        {"10m", 10min}, {"1h30m", 90min},   {"60s", 60s},    {"0.5h", 30min}, {"1.5s500ms", 2s},
        {"0", 0us},     {"0s", 0us},        {"1500ns", 2us}, {"7us", 7us},    {"7\xc2\xb5s", 7us},
        {".5s", 500ms}, {"87600h", 87600h}, {"1m1h", 61min}, {"1ms", 1ms},    {"7\xce\xbcs", 7us},
    };
    for (const auto& [text, expected] : rows) EXPECT_EQ(parse_go_duration(text), expected) << text;
}

TEST(GoDuration, RefusesTheRest) {
    for (const char* bad : {"", "abc", "10", "-1s", "+1s", "1 s", "s", ".", ".s", "1s ", "1d", "1e3s", "inf", "99999999h", "1..5s", "0x1s"})
        EXPECT_FALSE(parse_go_duration(bad)) << bad;
}

}  // namespace
}  // namespace godwit
