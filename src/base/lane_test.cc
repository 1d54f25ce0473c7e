#include "base/lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>
#include <vector>

namespace godwit {
namespace {

using namespace std::chrono_literals;

Lanes::Limits limits(Lane lane, LaneLimits of_lane) {
    Lanes::Limits all = Lanes::default_limits();
    all[static_cast<std::size_t>(lane)] = of_lane;
    return all;
}

void never() { FAIL() << "called, and should not have been"; }

TEST(Lanes, RunInLineOnTheCallersThread) {
    Lanes lanes(Lanes::default_limits());
    std::thread::id ran_on;
    EXPECT_TRUE(lanes.run(Lane::in_line, [&] { ran_on = std::this_thread::get_id(); }, never));
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Lanes, EachRunsOnItsOwnPool) {
    Lanes lanes(Lanes::default_limits());
    for (const Lane lane : {Lane::read, Lane::write, Lane::bulk, Lane::hash, Lane::outgoing}) {
        std::promise<std::thread::id> ran;
        ASSERT_TRUE(lanes.run(lane, [&] { ran.set_value(std::this_thread::get_id()); }, never)) << to_string(lane);
        EXPECT_NE(ran.get_future().get(), std::this_thread::get_id()) << to_string(lane);
    }
}

TEST(Lanes, RefuseWhenThreadsAndQueueAreFullAndOnlyThen) {
    Lanes lanes(limits(Lane::hash, {.threads = 2, .queue = 3, .max_wait = 1h}));
    std::latch running(2), go(1), done(5);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(lanes.run(Lane::hash, [&] { running.count_down(), go.wait(), done.count_down(); }, never));
    }
    running.wait();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(lanes.run(Lane::hash, [&] { done.count_down(); }, never));
    EXPECT_FALSE(lanes.run(Lane::hash, never, never));
    EXPECT_EQ(lanes.load(Lane::hash).queued, 3U);
    EXPECT_EQ(lanes.load(Lane::hash).running, 2U);

    std::promise<void> other;
    EXPECT_TRUE(lanes.run(Lane::read, [&] { other.set_value(); }, never)) << "a full lane must not touch another";
    other.get_future().wait();
    go.count_down();
    done.wait();
}

TEST(Lanes, DropWhatWaitedTooLongEvenWhileEveryThreadIsBusy) {
    Lanes lanes(limits(Lane::hash, {.threads = 1, .queue = 10, .max_wait = 1ms}));
    std::latch running(1), go(1), dropped(2);
    // The first may itself wait longer than a millisecond for its new thread: it is offered until it runs.
    std::atomic<bool> started = false;
    while (!started) {
        std::promise<void> tried;
        ASSERT_TRUE(
            lanes.run(Lane::hash, [&] { started = true, tried.set_value(), running.count_down(), go.wait(); }, [&] { tried.set_value(); }));
        tried.get_future().wait();
    }
    running.wait();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(lanes.run(Lane::hash, never, [&] { dropped.count_down(); }));
    dropped.wait();  // while the only thread still waits for `go`
    go.count_down();
}

TEST(Lanes, EndWaitsForWhatRunsAndStartsNothingMore) {
    std::atomic<int> ran = 0;
    std::latch running(1), go(1);
    std::thread release;
    {
        Lanes lanes(limits(Lane::write, {.threads = 1, .queue = 10, .max_wait = 1h}));
        ASSERT_TRUE(lanes.run(Lane::write, [&] { running.count_down(), go.wait(), ++ran; }, never));
        running.wait();
        release = std::thread([&] { go.count_down(); });
    }
    EXPECT_EQ(ran, 1);
    release.join();
}

TEST(Lanes, ManyProducersLoseNothing) {
    constexpr int kProducers = 4, kEach = 500;
    Lanes lanes(limits(Lane::read, {.threads = 3, .queue = kProducers * kEach, .max_wait = 1h}));
    std::latch done(kProducers * kEach);
    std::vector<std::jthread> producers;
    for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) EXPECT_TRUE(lanes.run(Lane::read, [&] { done.count_down(); }, never));
        });
    }
    done.wait();
}

}  // namespace
}  // namespace godwit
