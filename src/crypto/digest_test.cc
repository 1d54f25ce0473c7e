#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "crypto/compare.h"
#include "crypto/random.h"
#include "crypto/running_digest.h"

namespace godwit::crypto {
namespace {

TEST(Digest, AgreesWithPublishedExamples) {
    // FIPS 180 examples of "abc".
    EXPECT_EQ(hex_encode(digest(Hash::sha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest(Hash::sha384, "").size(), 48U);
    EXPECT_EQ(digest(Hash::sha512, "").size(), 64U);
}

TEST(Hmac, AgreesWithRfc4231) {
    // Section 4.3, test case 2.
    EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hkdf, AgreesWithRfc5869) {
    // Appendix A.1 and A.3.
    const std::string key(22, '\x0b');
    EXPECT_EQ(hex_encode(hkdf_sha256(key, *hex_decode("000102030405060708090a0b0c"), *hex_decode("f0f1f2f3f4f5f6f7f8f9"), 42).reveal()),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(hex_encode(hkdf_sha256(key, "", "", 42).reveal()),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(RunningSha256, IsTheDigestOfWhatCameSoFar) {
    RunningSha256 running;
    EXPECT_EQ(running.value(), sha256(""));
    running.add("a");
    EXPECT_EQ(running.value(), sha256("a"));
    running.add("");
    running.add("bc");
    EXPECT_EQ(running.value(), sha256("abc"));
}

TEST(Random, DrawsEvenlyAndNeverTheSame) {
    EXPECT_EQ(random_bytes(0), "");
    EXPECT_EQ(random_token().size(), 43U);
    EXPECT_NE(random_token(), random_token());
    const std::string text = random_string(6000, "abc");
    for (const char c : {'a', 'b', 'c'}) EXPECT_NEAR(static_cast<double>(std::ranges::count(text, c)), 2000, 300) << c;
    EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 3U);
}

TEST(Compare, TellsEqualFromNot) {
    EXPECT_TRUE(constant_time_equals("", ""));
    EXPECT_TRUE(constant_time_equals(Secret("abc"), Secret("abc")));
    for (const char* other : {"", "ab", "abd", "abcd"}) EXPECT_FALSE(constant_time_equals("abc", other)) << other;
}

}  // namespace
}  // namespace godwit::crypto
