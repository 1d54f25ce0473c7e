#include "migration/pace.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

using std::chrono::milliseconds;

TEST(Pace, FollowsTheStore) {
    Pace pace;
    EXPECT_EQ(pace.next(50'000), 15'000u) << "before it knows the store";
    EXPECT_EQ(pace.slice(50'000), 1'000u);
    pace.wrote(2'000, milliseconds{100});
    EXPECT_EQ(pace.next(50'000), 30'000u);
    EXPECT_EQ(pace.slice(30'000), 2'000u);
    pace.wrote(1'000, milliseconds{200});
    EXPECT_EQ(pace.next(50'000), 7'500u);
    EXPECT_EQ(pace.slice(7'500), 500u);
}

TEST(Pace, TakesNeitherTooFewNorMoreThanThereAre) {
    Pace pace;
    pace.wrote(500, milliseconds{5'000});
    EXPECT_EQ(pace.next(50'000), Pace::kLeast);
    EXPECT_EQ(pace.slice(50'000), Pace::kLeast);
    pace.wrote(500, milliseconds{0});
    EXPECT_EQ(pace.next(50'000), 50'000u);
    EXPECT_EQ(pace.next(100), 100u);
    EXPECT_EQ(pace.slice(100), 100u);
}

}  // namespace
}  // namespace godwit::migration
