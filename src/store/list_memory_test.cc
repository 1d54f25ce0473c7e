#include "store/list_memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

namespace godwit::store {
namespace {

using namespace std::chrono_literals;

class ListMemoryTest : public testing::Test {
protected:
    std::uint64_t total(const std::string& list) {
        const auto answer = memory_.total(list, [&]() -> Result<std::uint64_t> { return ++counted_; });
        return answer ? *answer : 0;
    }
    std::atomic<ListMemory::Clock::rep> time_ = 0;
    ListMemory memory_{[this] { return ListMemory::Clock::time_point(ListMemory::Clock::duration(time_)); }};
    std::atomic<std::uint64_t> counted_ = 0;
};

TEST_F(ListMemoryTest, CountsOnceInAWhile) {
    EXPECT_EQ(total("a"), 1);
    EXPECT_EQ(total("a"), 1);
    EXPECT_EQ(total("b"), 2) << "another list";
    time_ += ListMemory::Clock::duration(ListMemory::kMaxAge).count();
    EXPECT_EQ(total("a"), 3);
}

TEST_F(ListMemoryTest, ForgetsTheListNotAskedForLongest) {
    for (std::size_t i = 0; i < ListMemory::kMaxLists; ++i) total(std::to_string(i));
    EXPECT_EQ(total("0"), 1);
    total("one more");
    const auto before = counted_.load();
    total("0");
    EXPECT_EQ(counted_, before);
    total("1");
    EXPECT_EQ(counted_, before + 1);
}

TEST_F(ListMemoryTest, AFailureIsNotRemembered) {
    const auto failed = memory_.total("a", []() -> Result<std::uint64_t> { return fail(Code::unavailable, "X", "down"); });
    EXPECT_EQ(failed.error().id, "X");
    EXPECT_EQ(total("a"), 1);
}

TEST_F(ListMemoryTest, AnswersWithTheOldWhileOneMakesTheNew) {
    EXPECT_EQ(total("a"), 1);
    time_ += ListMemory::Clock::duration(ListMemory::kMaxAge).count();
    std::latch making(1), answered(1);
    std::thread maker([&] {
        const auto made = memory_.total("a", [&]() -> Result<std::uint64_t> {
            making.count_down();
            answered.wait();
            return 100;
        });
        EXPECT_EQ(made.value_or(0), 100);
    });
    making.wait();
    EXPECT_EQ(total("a"), 1);
    answered.count_down();
    maker.join();
    EXPECT_EQ(total("a"), 100);
}

TEST_F(ListMemoryTest, WhoAsksTogetherCountsOnce) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_EQ(total("a"), 1); });
    for (auto& thread : threads) thread.join();
}

TEST_F(ListMemoryTest, KeepsPlacesBesideTotals) {
    total("a");
    const auto find = []() -> Result<std::vector<ListPlace>> { return std::vector<ListPlace>{{"m", 7}}; };
    const auto places = memory_.places("a", find);
    ASSERT_TRUE(places && (*places)->size() == 1);
    EXPECT_EQ((*places)->front().key, "m");
    EXPECT_EQ(total("a"), 1);
}

}  // namespace
}  // namespace godwit::store
