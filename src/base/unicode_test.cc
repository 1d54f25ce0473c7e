#include "base/unicode.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Fold, MakesOneKeyOfNamesThatLookTheSame) {
    const std::pair<const char*, const char*> same[] = {
        {"Alice@Example.COM", "alice@example.com"},
        {"J\u00fcrgen", "ju\u0308RGEN"},                                                               // composed, decomposed
        {"Stra\u00dfe", "STRASSE"},                                                                    // full folding
        {"\uff41\uff4c\uff49\uff43\uff45", "alice"},                                                   // full-width
        {"\u212a", "k"},                                                                               // KELVIN SIGN
        {"\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd\u200f"},                                // right-to-left mark is ignorable
        {"a\u00adb", "ab"},                                                                            // soft hyphen
        {"\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"},  // final sigma
    };
    for (const auto& [a, b] : same) EXPECT_EQ(fold(a), fold(b)) << a;
    EXPECT_NE(fold("a b"), fold("ab"));
    EXPECT_NE(fold("alice"), fold("\u0430lice"));  // Cyrillic a is another letter
    EXPECT_EQ(fold(fold("\u1e9e\u0130")), fold("\u1e9e\u0130"));
    EXPECT_EQ(fold("\u200b"), "");
    EXPECT_EQ(fold("A\xff\xed\xa0\x80"), fold("a\ufffd\ufffd\ufffd\ufffd"));
}

TEST(Utf8, TellsWellFormedFromNot) {
    for (const char* good : {"", "abc", "\u00e9", "\U0001f600", "\U0010ffff"}) EXPECT_TRUE(is_valid_utf8(good)) << good;
    for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80"}) EXPECT_FALSE(is_valid_utf8(bad));
    EXPECT_EQ(code_points("a\u00e9\U0001f600"), 3U);
    EXPECT_EQ(code_points("e\u0301"), 2U);
}

TEST(Whitespace, IsSeenAtBothEndsInAllScripts) {
    for (const char* text : {" a", "a ", "\ta", "a\n", "\u00a0a", "a\u2003", "\u3000a"}) {
        EXPECT_TRUE(has_outer_whitespace(text)) << text;
        EXPECT_EQ(trim_unicode(text), "a");
    }
    for (const char* text : {"", "a", "a b", "\u00e9"}) EXPECT_FALSE(has_outer_whitespace(text)) << text;
    EXPECT_EQ(trim_unicode(" \u2003 "), "");
}

TEST(Names, ControlAndBidiCharactersAreFound) {
    for (const std::string_view text :
         {std::string_view("a\nb"), std::string_view("a\x7f"), std::string_view("\u0085"), std::string_view("a\0b", 3)})
        EXPECT_TRUE(has_control_characters(text));
    EXPECT_FALSE(has_control_characters("a b\u00e9\u200f"));
    for (const char* text : {"a\u202eb", "\u2066", "\u202a"}) EXPECT_TRUE(has_bidi_controls(text));
    EXPECT_FALSE(has_bidi_controls("\u05e9\u05dc\u05d5\u05dd\u200f"));
}

TEST(LanguageTag, IsCheckedAndMadeCanonical) {
    EXPECT_EQ(parse_language_tag("de"), "de");
    EXPECT_EQ(parse_language_tag("DE-ch"), "de-CH");
    EXPECT_EQ(parse_language_tag("en_US"), "en-US");
    EXPECT_EQ(parse_language_tag("zh-hant-tw"), "zh-Hant-TW");
    for (const char* bad : {"", "und", "-", "de-", "d", "not a language", "toolonglanguage", "d\u00e9", "de--CH"})
        EXPECT_FALSE(parse_language_tag(bad)) << bad;
}

TEST(AsciiHost, IsLowerCaseAsciiWithoutTheDot) {
    EXPECT_EQ(ascii_host("LocalHost"), "localhost");
    EXPECT_EQ(ascii_host("B\u00fccher.Example."), "xn--bcher-kva.example");
    for (const char* bad : {"", ".", "a..b", "a b", "a_b", "-a.b", "xn--\u00e9"}) EXPECT_FALSE(ascii_host(bad)) << bad;
}

}  // namespace
}  // namespace godwit
