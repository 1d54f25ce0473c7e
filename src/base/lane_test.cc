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

TEST(Lanes, WorkOnAsManyJobsAtATimeAsTheyMay) {
    constexpr int kJobs = 200;
    Lanes lanes(limits(Lane::write, {.threads = 20, .active = 2, .queue = kJobs, .max_wait = 1h}));
    std::atomic<int> at_work = 0, most = 0;
    std::latch done(kJobs);
    for (int i = 0; i < kJobs; ++i) {
        ASSERT_TRUE(lanes.run(
            Lane::write,
            [&] {
                const int now = ++at_work;
                for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
                }
                std::this_thread::yield();
                --at_work;
                done.count_down();
            },
            never));
    }
    done.wait();
    EXPECT_LE(most, 2);
}

TEST(Lanes, GiveThePlaceOfAJobThatWaitsToTheNext) {
    constexpr int kThreads = 5;
    Lanes lanes(limits(Lane::write, {.threads = kThreads, .active = 1, .queue = 100, .max_wait = 1h}));
    // Each waits for all the others, which none of them could if it kept its place.
    std::latch all(kThreads), done(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        ASSERT_TRUE(lanes.run(
            Lane::write,
            [&] {
                {
                    const Lanes::Waiting waiting;
                    all.arrive_and_wait();
                }
                done.count_down();
            },
            never));
    }
    done.wait();
    // Whoever came back took no place for good.
    std::atomic<int> at_work = 0;
    std::latch after(20);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(lanes.run(
            Lane::write,
            [&] {
                EXPECT_EQ(++at_work, 1);
                std::this_thread::yield();
                --at_work;
                after.count_down();
            },
            never));
    }
    after.wait();
}

TEST(Lanes, LetAJobThatEndsHandItsPlaceOnWhileOthersWait) {
    Lanes lanes(limits(Lane::write, {.threads = 2, .active = 1, .queue = 10, .max_wait = 1h}));
    std::latch waits(1), go(1), done(1);
    ASSERT_TRUE(lanes.run(
        Lane::write,
        [&] {
            const Lanes::Waiting waiting;
            waits.count_down();
            go.wait();
        },
        never));
    waits.wait();
    std::latch ran(3);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(lanes.run(Lane::write, [&] { ran.count_down(); }, never));
    ran.wait();
    go.count_down();
    ASSERT_TRUE(lanes.run(Lane::write, [&] { done.count_down(); }, never));
    done.wait();
}

TEST(Lanes, WaitingOnAThreadOfNoLaneIsNothing) { const Lanes::Waiting waiting; }

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
