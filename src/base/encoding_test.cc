#include "base/encoding.h"

#include <gtest/gtest.h>

#include "base/base64_alphabet.h"

namespace godwit {
namespace {

using namespace std::string_literals;

// RFC 4648 section 10.
struct Vector {
    const char* bytes;
    const char* base64;
    const char* base32;
    const char* hex;
};
constexpr Vector kVectors[] = {
    {"", "", "", ""},
    {"f", "Zg==", "MY======", "66"},
    {"fo", "Zm8=", "MZXQ====", "666f"},
    {"foo", "Zm9v", "MZXW6===", "666f6f"},
    {"foob", "Zm9vYg==", "MZXW6YQ=", "666f6f62"},
    {"fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "MZXW6YTBOI======", "666f6f626172"},
};

TEST(Encoding, AgreesWithRfc4648) {
    for (const Vector& v : kVectors) {
        EXPECT_EQ(base64_encode(v.bytes), v.base64);
        EXPECT_EQ(base64_decode(v.base64), v.bytes);
        EXPECT_EQ(base32_encode(v.bytes, true), v.base32);
        if (*v.bytes) {
            EXPECT_EQ(base32_decode_lenient(v.base32), v.bytes);
        }
        EXPECT_EQ(hex_encode(v.bytes), v.hex);
        EXPECT_EQ(hex_decode(v.hex), v.bytes);
    }
}

TEST(Base64, KeepsEveryFormApart) {
    const std::string bytes = "\xfb\xff\xfe\x00"s;
    EXPECT_EQ(base64_encode(bytes, Base64::standard), "+//+AA==");
    EXPECT_EQ(base64_encode(bytes, Base64::standard_unpadded), "+//+AA");
    EXPECT_EQ(base64_encode(bytes, Base64::url), "-__-AA");
    EXPECT_EQ(base64_encode(bytes, Base64::url_padded), "-__-AA==");
    for (const Base64 form : {Base64::standard, Base64::standard_unpadded, Base64::url, Base64::url_padded}) {
        EXPECT_EQ(base64_decode(base64_encode(bytes, form), form), bytes);
        int taken = 0;
        for (const Base64 other : {Base64::standard, Base64::standard_unpadded, Base64::url, Base64::url_padded})
            taken += base64_decode(base64_encode(bytes, form), other).has_value() ? 1 : 0;
        EXPECT_EQ(taken, 1);
        EXPECT_EQ(base64_decode_lenient(base64_encode(bytes, form)), bytes);
    }
}

TEST(Base64, RefusesWhatIsNotTheOneText) {
    for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "Zm 9v", "Zm9v\n", "====", "=", "Zm9v====", "Z=g="})
        EXPECT_FALSE(base64_decode(bad)) << bad;
    for (const char* bad : {"Z", "Zm9vZ", "Z g", "Zg=", "Z=g=", "===="}) EXPECT_FALSE(base64_decode_lenient(bad)) << bad;
    EXPECT_EQ(base64_decode_lenient("Zh"), "f");
}

TEST(Base64, HoldsTextsOfEveryLengthAndRefusesABadDigitAtEveryPlace) {
    std::string bytes;
    for (int i = 0; i < 260; ++i) {
        const std::string text = base64_encode(bytes, Base64::url);
        EXPECT_EQ(base64_decode(text, Base64::url), bytes) << i;
        for (std::size_t at = 0; i < 10 && at < text.size(); ++at) {
            std::string bad = text;
            bad[at] = '\xff';
            EXPECT_FALSE(base64_decode_lenient(bad)) << bad;
        }
        bytes += static_cast<char>(i * 151);
    }
}

TEST(Base64, TakesSomebodyElsesAlphabet) {
    constexpr Base64Digits digits = base64_digits("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    EXPECT_EQ(base64_decode_lenient("./01", digits), std::string("\x00\x10\x83", 3));
    EXPECT_EQ(base64_decode_lenient("zz", digits), "\xff");
    EXPECT_FALSE(base64_decode_lenient("z+", digits));
}

TEST(Hex, TakesEitherCaseAndNothingElse) {
    EXPECT_EQ(hex_decode("DeadBEEF"), "\xde\xad\xbe\xef");
    for (const char* bad : {"0", "0g", "0x00", " 00"}) EXPECT_FALSE(hex_decode(bad)) << bad;
}

TEST(Base32, TakesKeysAsPeopleTypeThem) {
    for (const char* text : {"JBSWY3DPEHPK3PXP", "jbswy3dpehpk3pxp", "JBSW Y3DP EHPK 3PXP", "jbsw-y3dp-ehpk-3pxp",
                             "JBSWY3DPEHPK3PXP====", " JBSWY3DPEHPK3PXP\n"})
        EXPECT_EQ(base32_decode_lenient(text), "Hello!\xde\xad\xbe\xef") << text;
    EXPECT_EQ(base32_decode_lenient("MZ"), base32_decode_lenient("MY"));  // spare bits
    for (const char* bad : {"", " ", "====", "A", "MY0", "MY1", "MY8", "MY==MY", "M\xc3\xa4", "MY!"})
        EXPECT_FALSE(base32_decode_lenient(bad)) << bad;
}

TEST(JsonString, EscapesWhatMustBe) {
    EXPECT_EQ(json_string("a\"b\\c\n\x01\x7f/é"), "\"a\\\"b\\\\c\\n\\u0001\\u007f/é\"");
    EXPECT_EQ(json_string("\0"s), "\"\\u0000\"");
    for (const auto& [c, escaped] :
         {std::pair{'"', "\\\""}, std::pair{'\\', "\\\\"}, std::pair{'\x1f', "\\u001f"}, std::pair{'\x7f', "\\u007f"}})
        for (std::size_t at = 0; at < 20; ++at) {
            const std::string before(at, ' '), after(20 - at, '\xff');
            EXPECT_EQ(json_string(before + c + after), '"' + before + escaped + after + '"') << at;
        }
}

}  // namespace
}  // namespace godwit
