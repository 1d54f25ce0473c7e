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

}  // namespace
}  // namespace godwit::migration
