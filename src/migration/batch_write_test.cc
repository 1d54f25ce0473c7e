#include "migration/batch_write.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace godwit::migration {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

using Slices = std::vector<std::pair<std::size_t, std::size_t>>;

TEST(WriteSlices, EndsAfterTheSliceAtWhichItIsAskedTo) {
    Slices slices;
    int asked = 0;
    const auto write = [&](std::size_t from, std::size_t count) -> Result<void> {
        slices.emplace_back(from, count);
        return {};
    };
    EXPECT_EQ(write_slices(25, 10, [&] { return ++asked == 2; }, write), 20u);
    EXPECT_THAT(slices, ElementsAre(Pair(0, 10), Pair(10, 10)));
    slices.clear();
    EXPECT_EQ(write_slices(25, 10, [] { return false; }, write), 25u);
    EXPECT_THAT(slices, ElementsAre(Pair(0, 10), Pair(10, 10), Pair(20, 5)));
    slices.clear();
    EXPECT_EQ(write_slices(25, 0, [] { return true; }, write), 1u) << "however many wait, it goes on";
    EXPECT_EQ(write_slices(0, 10, [] { return false; }, write), 0u);
}

TEST(WriteSlices, AnErrorIsTheTransactions) {
    const auto failed = write_slices(
        25, 10, [] { return false; },
        [](std::size_t from, std::size_t) -> Result<void> {
            if (from < 10) return {};
            return fail(Code::unavailable, "TEST-disk", "full");
        });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().id, "TEST-disk");
}

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
}  // namespace godwit::migration
