#include "store/list_query.h"

#include <gtest/gtest.h>

namespace godwit::store {
namespace {

TEST(PrefixEnd, IsTheLeastTextAboveAllWithThePrefix) {
    struct Row {
        std::string prefix;
        std::optional<std::string> end;
    };
    for (const Row& row : {Row{"ab", "ac"}, Row{"a\x7f", "a\u0080"}, Row{"\u07ff", "\u0800"}, Row{"\ud7ff", "\ue000"},
                           Row{"\uffff", "\U00010000"}, Row{"a\U0010ffff", "b"}, Row{"\U0010ffff", std::nullopt}, Row{"", std::nullopt}})
        EXPECT_EQ(prefix_end(row.prefix), row.end) << row.prefix;
}

TEST(TextCondition, BindsWhatItComparesWith) {
    Bindings b;
    EXPECT_EQ(text_condition(b, {"n", "k"}, TextMethod::equals, "X"), "n = ?2");
    EXPECT_EQ(text_condition(b, {"n", "k"}, TextMethod::starts_with_ignore_case, "X"), "(k >= ?3 AND k < ?4)");
    EXPECT_EQ(text_condition(b, {"n", "k"}, TextMethod::contains, "X"), "REPLACE(n, ?5, '') <> n");
    EXPECT_EQ(text_condition(b, {"n", "k"}, TextMethod::contains, ""), "1 = 1");
    EXPECT_EQ(b.values().size(), 4u);
    EXPECT_EQ(std::get<std::string_view>(b.values()[1].data()), "x");
}

TEST(Conditions, CombineWithNeutralElements) {
    EXPECT_EQ(all_of({}), "1 = 1");
    EXPECT_EQ(any_of({}), "1 = 0");
    EXPECT_EQ(all_of({"a", "b"}), "(a AND b)");
    EXPECT_EQ(any_of({"a"}), "a");
    Bindings b;
    EXPECT_EQ(in_condition(b, "c", std::vector<std::string>{}), "1 = 0");
    EXPECT_EQ(in_condition(b, "c", std::vector<std::string>{"x", "y"}), "c IN (?2, ?3)");
    EXPECT_EQ(ordered("a, b", false), "a DESC, b DESC");
}

TEST(Page, IsBounded) {
    EXPECT_EQ(applied_limit({.limit = 0}), kDefaultLimit);
    EXPECT_EQ(applied_limit({.limit = 5000}), kMaxLimit);
}

}  // namespace
}  // namespace godwit::store
