#include "base/id_generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace godwit {
namespace {

using namespace std::chrono_literals;

class FixedClock final : public Clock {
public:
    Time now() const override { return time; }
    Time time = kIdEpoch + 1000h;
};

TEST(IdGenerator, PutsTimeNodeAndCounterWhereTheDataModelSays) {
    FixedClock clock;
    IdGenerator ids(clock, 1023);
    const std::int64_t first = ids.next();
    EXPECT_EQ(first, (std::int64_t{1} << 62) | (std::int64_t{3'600'000'000} << 21) | (std::int64_t{1023} << 11));
    EXPECT_EQ(ids.next(), first + 1);
    EXPECT_EQ(time_of_id(first), clock.time);
    EXPECT_LE(first_id_at(clock.time), first);
    EXPECT_TRUE(is_generated_id(first));
    EXPECT_FALSE(is_generated_id(251'701'000'000'000'001));
}

TEST(IdGenerator, RisesWhenTheClockStandsOrStepsBack) {
    FixedClock clock;
    IdGenerator ids(clock, 5);
    std::int64_t last = 0;
    for (int i = 0; i < 10'000; ++i) {
        if (i == 6'000) clock.time = clock.time - 1h;
        const std::int64_t id = ids.next();
        ASSERT_GT(id, last);
        ASSERT_EQ((id >> 11) & 1023, 5);
        last = id;
    }
}

TEST(IdGenerator, StartsAfterTheMarkAndStaysBelowTheAllowedOne) {
    FixedClock clock;
    const Time mark = clock.time + 60s;
    IdGenerator first(clock, 1);
    first.allow_until(mark);
    clock.time = clock.time + 24h;  // a wrong clock ...
    const std::int64_t before_crash = first.next();
    EXPECT_LE(first.high_water(), mark);
    clock.time = clock.time - 25h;  // ... put right while the process was down
    IdGenerator second(clock, 1, mark);
    EXPECT_GT(second.next(), before_crash);
    first.allow_until(mark - 30s);  // lowering is ignored
    EXPECT_LE(first.high_water(), mark);
    first.allow_until(mark + 60s);
    EXPECT_GE(first.high_water(), mark - 1ms);
}

TEST(IdGenerator, GivesEachThreadItsOwn) {
    SystemClock clock;
    IdGenerator ids(clock, 0);
    std::vector<std::vector<std::int64_t>> taken(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : taken)
            threads.emplace_back([&] {
                for (int i = 0; i < 20'000; ++i) mine.push_back(ids.next());
            });
    }
    std::vector<std::int64_t> all;
    for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

}  // namespace
}  // namespace godwit
