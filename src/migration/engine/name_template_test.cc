#include "migration/engine/name_template.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

TEST(NameTemplateTest, Fills) {
    const std::map<std::string, std::string> values{{"userName", "ada"}, {"realm", "acme"}, {"email", ""}};
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"{userName}@{realm}", "ada@acme"}, {"plain", "plain"}, {"", ""}, {"{{x}", "{x}"}, {"a}b", "a}b"}, {"{email}{userName}", "ada"},
    };
    for (const auto& [text, want] : cases) EXPECT_EQ(fill_template(text, values).value_or("error"), want) << text;
    for (const std::string_view bad : {"{nobody}", "{userName", "{", "{}"}) {
        const auto filled = fill_template(bad, values);
        ASSERT_FALSE(filled) << bad;
        EXPECT_EQ(filled.error().id, "MIGRATE-Tpl01");
    }
}

}  // namespace
}  // namespace godwit::migration
