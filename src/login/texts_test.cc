#include "login/texts.h"

#include <gtest/gtest.h>

namespace godwit::login {
namespace {

TEST(Texts, EveryLanguageHasEveryText) {
    const Texts texts;
    for (const Language& language : texts.languages())
        for (const auto& [key, text] : texts.languages().front().words()) {
            EXPECT_TRUE(language.words().contains(key)) << language.code() << " lacks " << key;
            EXPECT_FALSE(language[key].empty()) << language.code() << " " << key;
        }
}

TEST(Texts, ChoosesByLocalesThenHeaderThenDefault) {
    const Texts texts;
    struct Case {
        const char *locales, *header, *fallback, *want;
    };
    for (const Case& c : {Case{"de", "en", "en", "de"},
                          {"fr de-CH", "en", "en", "de"},
                          {"", "fr;q=1, de;q=0.8, en;q=0.3", "en", "de"},
                          {"", "en;q=0.3,de-AT;q=0.31", "en", "de"},
                          {"", "de;q=0, en;q=0", "de", "de"},
                          {"", "xx", "de", "de"},
                          {"", "", "fr", "en"},
                          {"", ";;q=,,de;q=x", "en", "en"}})
        EXPECT_EQ(texts.choose(c.locales, c.header, c.fallback).code(), c.want) << c.locales << " | " << c.header;
}

TEST(Language, FillsInValuesAndShowsMissingKeys) {
    const Texts texts;
    EXPECT_EQ(texts.languages()[0].with("rule_length", {{"min", "8"}}), "at least 8 characters");
    EXPECT_EQ(texts.languages()[0]["no_such_text"], "no_such_text");
}

}  // namespace
}  // namespace godwit::login
