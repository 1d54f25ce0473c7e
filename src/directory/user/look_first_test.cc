#include "directory/user/look_first.h"

#include <gtest/gtest.h>

#include <vector>

namespace godwit::user {
namespace {

TEST(WriteLookingIfNeeded, LooksOnceSomebodyIsKnownAndGivesUpWhenThatDoesNotHelp) {
    const struct {
        const char* name;
        Code code;
        const char* id;
        std::size_t tries;
    } rows[] = {{"somebody is here", Code::already_exists, "unique:users_login_name", 5},
                {"another transaction was first", Code::aborted, "STORE-conflict", 5},
                {"the job is another's", Code::aborted, "STORE-fence", 1},
                {"the disk is full", Code::unavailable, "STORE-full", 1}};
    for (const auto& row : rows) {
        std::vector<bool> looked;
        const auto failed = write_looking_if_needed(false, [&](bool look) -> Result<int> {
            looked.push_back(look);
            return fail(row.code, row.id, "no");
        });
        EXPECT_FALSE(failed) << row.name;
        ASSERT_EQ(looked.size(), row.tries) << row.name;
        EXPECT_FALSE(looked.front()) << row.name;
        EXPECT_EQ(looked.back(), row.tries > 1) << row.name;
    }
    const auto written = write_looking_if_needed(false, [](bool look) -> Result<int> {
        if (!look) return fail(Code::already_exists, "unique:users", "known");
        return 7;
    });
    EXPECT_EQ(written, 7);
}

}  // namespace
}  // namespace godwit::user
