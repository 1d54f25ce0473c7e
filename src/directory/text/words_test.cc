#include "directory/text/words.h"

#include <gmock/gmock.h>

#include "directory/text/built_in.h"

namespace godwit::text {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Words, AreReadFromNestedAndFlatObjects) {
    EXPECT_THAT(*read_words(R"({"a":{"x":"1","y":""},"a.z":"2","b":"3"})"),
                ElementsAre(Pair("a.x", "1"), Pair("a.z", "2"), Pair("b", "3")));
    for (const char* bad : {"", "[]", R"({"a":1})", R"({"a":{"b":{"c":"d"}}})", R"({"a":["b"]})", R"({"a":"b")"})
        EXPECT_FALSE(read_words(bad)) << bad;
}

TEST(Words, SurviveTheWayThroughJson) {
    const Words words{{"a.title", "\"<b>\"\n\\ ä \xf0\x9f\xa6\x89"}, {"b", "{{.Lang}}"}};
    EXPECT_EQ(*read_words(write_words(words)), words);
    EXPECT_EQ(*read_words(write_words({})), Words());
}

TEST(LanguageOf, IsThePrimarySubtagOfATag) {
    for (const auto& [tag, want] : {std::pair{"de", "de"}, {"DE-CH", "de"}, {"pt_BR", "pt"}, {"zh-Hans-CN", "zh"}, {"gsw", "gsw"}})
        EXPECT_EQ(language_of(tag), want) << tag;
    for (const char* bad :
         {"", "d", "d1", "deutsch", "de-", "de--CH", "de-\"><b>", "de CH", "../../en", "de-012345678", "\xc3\xa4\xc3\xb6"})
        EXPECT_FALSE(language_of(bad)) << bad;
}

TEST(BuiltIn, EveryLanguageHasEveryText) {
    const Words& english = built_in(Kind::login, "en");
    EXPECT_EQ(&english, &built_in(Kind::login, "xx"));
    EXPECT_GT(english.size(), 40U);
    for (const std::string& language : built_in_languages()) {
        const Words& words = built_in(Kind::login, language);
        for (const auto& [key, text] : english) EXPECT_TRUE(words.contains(key)) << language << " lacks " << key;
        EXPECT_EQ(words.size(), english.size()) << language;
    }
}

}  // namespace
}  // namespace godwit::text
