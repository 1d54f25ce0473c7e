#include "migration/pace.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

using std::chrono::milliseconds;

TEST(Pace, TransactionsLastToTheMarkWhileASmallWriteWaits) {
    const Pace::Clock::time_point now{std::chrono::hours{1}};
    Pace pace;
    pace.wrote(2'000, milliseconds{100});
    EXPECT_EQ(pace.next(50'000, now), 30'000u);
    pace.saw_waiting(now);
    EXPECT_EQ(pace.next(50'000, now), 2'000u);
    EXPECT_EQ(pace.next(50'000, now + Pace::kCrowded - milliseconds{1}), 2'000u);
    EXPECT_EQ(pace.next(50'000, now + Pace::kCrowded), 30'000u);
}

TEST(Pace, FollowsTheStore) {
    const Pace::Clock::time_point now{std::chrono::hours{1}};
    Pace pace;
    pace.saw_waiting(now);
    EXPECT_EQ(pace.next(50'000, now), 1'000u) << "before it knows the store";
    pace.wrote(1'000, milliseconds{200});
    EXPECT_EQ(pace.next(50'000, now), 500u);
    pace.wrote(500, milliseconds{5'000});
    EXPECT_EQ(pace.next(50'000, now), Pace::kLeast);
    pace.wrote(500, milliseconds{0});
    EXPECT_EQ(pace.next(50'000, now), 50'000u);
    EXPECT_EQ(pace.next(100, now), 100u);
}

TEST(Pace, LooksAtTheMarkWhetherASmallWriteWaits) {
    Pace pace;
    pace.wrote(2'000, milliseconds{100});
    EXPECT_EQ(pace.slice(30'000), 2'000u) << "of a transaction that would last longer";
    EXPECT_EQ(pace.slice(100), 100u);
    pace.wrote(500, milliseconds{5'000});
    EXPECT_EQ(pace.slice(30'000), Pace::kLeast);
}

}  // namespace
}  // namespace godwit::migration
