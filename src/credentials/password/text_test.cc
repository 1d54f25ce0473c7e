#include "credentials/password/text.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "credentials/password/digest.h"

namespace godwit::password {
namespace {

TEST(Text, NumbersAreDigitsThatFit) {
    EXPECT_EQ(parse_number("0"), 0U);
    EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
    for (const std::string_view bad : {"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616"})
        EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(Text, KeysStandOnce) {
    const auto values = KeyValues::parse("m=1,k=a=b,e=");
    ASSERT_TRUE(values);
    EXPECT_EQ(values->number("m"), 1U);
    EXPECT_EQ(values->find("k"), "a=b");
    EXPECT_EQ(values->find("e"), "");
    EXPECT_TRUE(values->only({"m", "k", "e", "z"}));
    EXPECT_FALSE(values->only({"m", "k"}));
    for (const std::string_view bad : {"", "m", "m=1,", "m=1,m=1"}) EXPECT_FALSE(KeyValues::parse(bad)) << bad;
}

TEST(Text, AlphabetsOfCryptAndBcrypt) {
    EXPECT_EQ(encode_h64(std::string("\x01\x02\x03\x04", 4)), "/6k.2.");
    EXPECT_EQ(encode_rad64(*decode_rad64("abcdefghijklmnopqrstuu")), "abcdefghijklmnopqrstuu");
    EXPECT_FALSE(decode_rad64("ab+d"));
    EXPECT_EQ(decode_base64_any("a.b/"), decode_base64_any("a+b/"));
    EXPECT_FALSE(decode_base64_any("a-b_"));
    EXPECT_EQ(encode_ab64("\xfb\xff"), "./8");
}

TEST(Text, Utf8ToOtherEncodings) {
    EXPECT_EQ(utf8_to_utf16le("aé🐎"), std::string("a\0\xe9\0\x3d\xd8\x0e\xdc", 8));
    EXPECT_EQ(utf8_to_latin1("aé"), "a\xe9");
    EXPECT_FALSE(utf8_to_latin1("汉"));
    for (const std::string_view bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe6\xb1", "\xf5\x80\x80\x80", "\x80"})
        EXPECT_FALSE(utf8_to_utf16le(bad));
    EXPECT_EQ(utf8_length("aé🐎"), 3U);
}

// RFC 1320, appendix A.5.
TEST(Digest, Md4) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", "31d6cfe0d16ae931b73c59d7e0c089c0"},
        {"abc", "a448017aaf21d8525fc10ae87aa6729d"},
        {"message digest", "d9130a8164549fe818874806e1c7014b"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536"},
    };
    for (const auto& [message, expected] : rows) EXPECT_EQ(hex_encode(md4(message)), expected) << message;
}

// RFC 2202 and RFC 4231, test cases with a key longer than the block.
TEST(Digest, Hmac) {
    EXPECT_EQ(hex_encode(hmac(Hash::md5, std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    EXPECT_EQ(hex_encode(hmac(Hash::sha256, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace godwit::password
