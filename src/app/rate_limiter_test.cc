#include "app/rate_limiter.h"

#include <gtest/gtest.h>

namespace godwit::app {
namespace {

using namespace std::chrono_literals;
using Key = RateLimiter::Key;

class RateLimiterTest : public ::testing::Test {
protected:
    int take_until_refused(const Key& key, const Rate& rate, int most = 1'000) {
        int taken = 0;
        while (taken < most && !limiter_.take(key, rate, now_)) ++taken;
        return taken;
    }
    RateLimiter limiter_{1'024};
    RateLimiter::Clock::time_point now_{1'000s};
};

TEST_F(RateLimiterTest, GivesTheBurstThenTheRate) {
    const Rate rate{.per_second = 10, .burst = 25};
    EXPECT_EQ(take_until_refused({1, 2, 3}, rate), 25);
    EXPECT_EQ(limiter_.take({1, 2, 3}, rate, now_), RateLimiter::Clock::duration(100ms));
    now_ += 40ms;
    EXPECT_EQ(limiter_.take({1, 2, 3}, rate, now_), RateLimiter::Clock::duration(60ms)) << "a refusal takes nothing";
    now_ += 60ms;
    EXPECT_EQ(take_until_refused({1, 2, 3}, rate), 1);
    now_ += 1s;
    EXPECT_EQ(take_until_refused({1, 2, 3}, rate), 10);
    now_ += 1h;
    EXPECT_EQ(take_until_refused({1, 2, 3}, rate), 25) << "no more than the burst, however long the rest";
}

TEST_F(RateLimiterTest, TellsKeysApart) {
    const Rate rate{.per_second = 1, .burst = 3};
    for (const Key& key : {Key{1, 2, 3}, Key{2, 2, 3}, Key{1, 3, 3}, Key{1, 2, 4}}) EXPECT_EQ(take_until_refused(key, rate), 3);
}

TEST_F(RateLimiterTest, LookTakesNothing) {
    const Rate rate{.per_second = 1, .burst = 2};
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(limiter_.look({1, 1, 1}, rate, now_));
    EXPECT_EQ(take_until_refused({1, 1, 1}, rate), 2);
    EXPECT_TRUE(limiter_.look({1, 1, 1}, rate, now_));
}

TEST_F(RateLimiterTest, ZeroIsNoLimitAndABurstOfZeroIsOne) {
    EXPECT_EQ(take_until_refused({1, 1, 1}, {.per_second = 0, .burst = 5}), 1'000);
    EXPECT_EQ(take_until_refused({2, 1, 1}, {.per_second = 5, .burst = 0}), 1);
}

TEST_F(RateLimiterTest, ManyKeysPushOutOnlyTheLeastLoaded) {
    const Rate rate{.per_second = 1, .burst = 100};
    const Key busy{1, 7, 7};
    EXPECT_EQ(take_until_refused(busy, rate), 100);
    for (std::uint64_t i = 0; i < 100'000; ++i) EXPECT_FALSE(limiter_.take({2, i, 0}, rate, now_));
    EXPECT_TRUE(limiter_.look(busy, rate, now_)) << "a hundred times the table's size came by, each once";
}

}  // namespace
}  // namespace godwit::app
