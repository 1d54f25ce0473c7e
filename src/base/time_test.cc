#include "base/time.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Rfc3339, ReadsOffsetsAndFractions) {
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z")->micros, 0);
    EXPECT_EQ(parse_rfc3339("2023-04-05T06:07:08.123456789Z")->micros, 1'680'674'828'123'456);
    EXPECT_EQ(parse_rfc3339("2023-04-05T08:07:08+02:00"), parse_rfc3339("2023-04-05t06:07:08z"));
    EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.5Z")->micros, -500'000);
}

TEST(Rfc3339, RefusesWhatIsNotATime) {
    for (const char* bad : {"", "2023-04-05", "2023-02-30T00:00:00Z", "2023-04-05T24:00:00Z", "2023-04-05T00:00:00",
                            "2023-04-05T00:00:00.Z", "2023-04-05T00:00:00Z ", "2023-04-05T00:00:00.1234567890Z", "x023-04-05T00:00:00Z"})
        EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Rfc3339, WritesWhatItReads) {
    for (const char* text : {"1970-01-01T00:00:00Z", "2026-11-21T10:54:45.5Z", "2026-11-21T10:54:45.000001Z", "1969-12-31T23:59:59.25Z"})
        EXPECT_EQ(to_rfc3339(*parse_rfc3339(text)), text);
}

}  // namespace
}  // namespace godwit
