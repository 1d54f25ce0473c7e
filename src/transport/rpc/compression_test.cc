#include "transport/rpc/compression.h"

#include <gtest/gtest.h>

namespace godwit::rpc {
namespace {

TEST(Compression, GivesBackWhatItTook) {
    for (const std::string& bytes : {std::string(), std::string("x"), std::string(100'000, 'x'), std::string("\0\xff", 2)}) {
        EXPECT_EQ(gunzip(gzip(bytes), bytes.size()).value(), bytes);
    }
    EXPECT_EQ(gunzip(gzip("one ") + gzip("two"), 7).value(), "one two") << "members in a row are one file (RFC 1952 section 2.2)";
}

TEST(Compression, StopsAtTheLimit) {
    const std::string bomb = gzip(std::string(16 << 20, 'x'));
    EXPECT_EQ(gunzip(bomb, 1000).error().code, Code::resource_exhausted);
    EXPECT_EQ(gunzip(gzip("12345"), 4).error().code, Code::resource_exhausted);
}

TEST(Compression, RefusesWhatIsBroken) {
    const std::string whole = gzip("hello, hello, hello");
    std::string damaged = whole;
    damaged[damaged.size() - 6] ^= 1;  // of the checksum
    for (const std::string& bad : {std::string(), std::string("hello"), whole.substr(0, whole.size() - 1), damaged, whole + "x"}) {
        const auto got = gunzip(bad, 1000);
        ASSERT_FALSE(got) << bad.size();
        EXPECT_EQ(got.error().code, Code::invalid_argument) << bad.size();
    }
}

TEST(Compression, ReadsTheNamesOfCodings) {
    EXPECT_EQ(parse_coding("").value(), Coding::identity);
    EXPECT_EQ(parse_coding("identity").value(), Coding::identity);
    EXPECT_EQ(parse_coding("gzip").value(), Coding::gzip);
    EXPECT_EQ(parse_coding("br").error().code, Code::unimplemented);
    for (const std::string_view yes : {"gzip", "br, gzip", "GZIP ; q=0.5", "gzip;q=0.001,br", "deflate,gzip;q=1"})
        EXPECT_TRUE(accepts_gzip(yes)) << yes;
    for (const std::string_view no : {"", "br", "*", "x-gzip", "gzip;q=0", "gzip; q=0.000", "identity"})
        EXPECT_FALSE(accepts_gzip(no)) << no;
}

}  // namespace
}  // namespace godwit::rpc
