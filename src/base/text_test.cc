#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace godwit {
namespace {

using testing::ElementsAre;

TEST(Text, TrimsAndSplits) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
    EXPECT_THAT(split("", ','), ElementsAre(""));
    EXPECT_THAT(split("a,", ','), ElementsAre("a", ""));
    EXPECT_THAT(split_words("  openid\tprofile  email "), ElementsAre("openid", "profile", "email"));
    EXPECT_TRUE(split_words(" ").empty());
    EXPECT_EQ(split_once("a=b=c", '=')->second, "b=c");
    EXPECT_FALSE(split_once("a", '='));
    const std::vector<std::string> parts = {"a", "b"};
    EXPECT_EQ(join(parts, ", "), "a, b");
    EXPECT_EQ(replace_all("a.b.c", ".", "::"), "a::b::c");
}

TEST(Text, ComparesAsciiLettersOnly) {
    EXPECT_EQ(to_ascii_lower("ÄBC"), "Äbc");
    EXPECT_EQ(to_ascii_upper("äbc"), "äBC");
    EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
    EXPECT_FALSE(equals_ignoring_case("k", "\xe2\x84\xaa"));  // KELVIN SIGN
    EXPECT_TRUE(starts_with_ignoring_case("bearer x", "Bearer "));
}

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
    EXPECT_EQ(parse_number<int>("-12"), -12);
    EXPECT_EQ(parse_number<std::int64_t>("9223372036854775807"), 9223372036854775807);
    for (const char* bad : {"", "+1", " 1", "1 ", "1x", "0x1", "1.0", "99999999999"}) EXPECT_FALSE(parse_number<int>(bad)) << bad;
    EXPECT_FALSE(parse_number<unsigned>("-1"));
}

}  // namespace
}  // namespace godwit
