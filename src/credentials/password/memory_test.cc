#include "credentials/password/memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace godwit::password {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::minutes(1); }
Deadline now() { return std::chrono::steady_clock::now(); }

TEST(HashMemory, ReusesBlocksOfOneSize) {
    HashMemory memory(64 * kMiB);
    std::byte* first = nullptr;
    {
        auto lease = memory.reserve(19 * kMiB, soon());
        ASSERT_TRUE(lease);
        ASSERT_GE(lease->bytes().size(), 19 * kMiB);
        first = lease->bytes().data();
        first[0] = std::byte{1};
        lease->bytes().back() = std::byte{1};
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % (2 * kMiB), 0U);
    }
    auto again = memory.reserve(19 * kMiB, soon());
    EXPECT_EQ(again->bytes().data(), first);
    EXPECT_EQ(memory.usage().mapped_bytes, 20 * kMiB);
}

TEST(HashMemory, NeverMapsMoreThanTheBudget) {
    HashMemory memory(32 * kMiB);
    for (const std::uint64_t size : {4, 8, 16, 30, 2, 32, 6}) {
        auto lease = memory.reserve(size * kMiB, soon());
        ASSERT_TRUE(lease);
        lease->bytes()[0] = std::byte{1};
        EXPECT_LE(memory.usage().mapped_bytes, 32 * kMiB);
    }
    EXPECT_EQ(memory.usage().reserved_bytes, 0U);
}

TEST(HashMemory, RefusesOverTheBudgetAndAfterTheDeadline) {
    HashMemory memory(8 * kMiB);
    const auto never = memory.reserve(10 * kMiB, soon());
    ASSERT_FALSE(never);
    EXPECT_EQ(never.error().code, Code::resource_exhausted);

    auto all = memory.reserve(8 * kMiB, soon());
    ASSERT_TRUE(all);
    const auto late = memory.reserve(2 * kMiB, now());
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Code::resource_exhausted);
    EXPECT_EQ(memory.usage().waiting, 0U);
    EXPECT_TRUE(memory.reserve(0, now())) << "what needs no memory waits for none";
    *all = {};
    EXPECT_TRUE(memory.reserve(2 * kMiB, now()));
}

TEST(HashMemory, ServesALargeWaiterBeforeLaterSmallOnes) {
    HashMemory memory(8 * kMiB);
    auto held = memory.reserve(4 * kMiB, soon());
    std::atomic<bool> large_served = false;
    std::thread large([&] {
        const auto lease = memory.reserve(8 * kMiB, soon());
        large_served = lease.has_value();
    });
    while (memory.usage().waiting == 0) std::this_thread::yield();
    // Half of the budget is free, but somebody stood there first.
    EXPECT_FALSE(memory.reserve(2 * kMiB, now()));
    *held = {};
    large.join();
    EXPECT_TRUE(large_served);
}

TEST(HashMemory, ManyThreadsStayWithinTheBudget) {
    HashMemory memory(8 * kMiB);
    std::vector<std::thread> threads;
    std::atomic<int> done = 0;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 50; ++round) {
                auto lease = memory.reserve(static_cast<std::uint64_t>(1 + (i + round) % 8) * kMiB, soon());
                lease->bytes()[0] = std::byte{1};
                const auto usage = memory.usage();
                if (usage.reserved_bytes <= usage.budget_bytes && usage.mapped_bytes <= usage.budget_bytes) ++done;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(done, 400);
    EXPECT_EQ(memory.usage().reserved_bytes, 0U);
}

}  // namespace
}  // namespace godwit::password
