#include "base/near.h"

#include <gtest/gtest.h>

#include <vector>

namespace godwit {
namespace {

TEST(Near, FindsTheWordThatWasMeant) {
    constexpr std::string_view words[] = {"serve", "migrate", "password", "doctor", "dryRun", "limit"};
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"server", "serve"},
        {"migrat", "migrate"},
        {"pasword", "password"},
        {"dryRn", "dryRun"},
        {"dryrun", "dryRun"},
        {"limti", ""},
        {"limt", "limit"},
        {"bogus", ""},
        {"x", ""},
        {"", ""},
        {std::string_view("doctors"), "doctor"},
    };
    for (const auto& [word, near] : rows) EXPECT_EQ(nearest(word, words), near) << word;
    EXPECT_EQ(nearest(std::string(5'000, 'a'), words), "");
    EXPECT_EQ(did_you_mean("dryRn", words), "; did you mean \"dryRun\"?");
    EXPECT_EQ(did_you_mean("bogus", words), "");
    EXPECT_EQ(did_you_mean_or_list("dryRn", words), "; did you mean \"dryRun\"?");
    EXPECT_EQ(did_you_mean_or_list("bogus", words), "; there are: serve, migrate, password, doctor, dryRun, limit");
    EXPECT_EQ(did_you_mean_or_list("bogus", std::vector<std::string_view>(21, "word")), "") << "too many to read";
}

TEST(Near, CountsWhatDiffers) {
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("ABC", "abc"), 0u);
}

}  // namespace
}  // namespace godwit
