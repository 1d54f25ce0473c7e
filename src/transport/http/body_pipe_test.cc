#include "transport/http/body_pipe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace godwit::http {
namespace {

const Error kGone{.code = Code::cancelled, .id = "gone", .message = "gone"};

TEST(BodyPipe, CarriesBytesInOrderThenTheEnd) {
    std::atomic<std::size_t> taken = 0;
    BodyPipe pipe([&](std::size_t bytes) { taken += bytes; });
    pipe.push("ab");
    pipe.push("cd");
    EXPECT_EQ(pipe.read(), "abcd");
    EXPECT_EQ(taken, 4U);
    std::jthread writer([&] { pipe.push("ef"), pipe.finish(); });
    EXPECT_EQ(pipe.read(), "ef");
    EXPECT_EQ(pipe.read(), "");
    EXPECT_EQ(pipe.read(), "") << "the end stays";
}

TEST(BodyPipe, CallsAReaderThatDoesNotWait) {
    BodyPipe pipe([](std::size_t) {});
    int wakes = 0;
    const auto wake = [&] { ++wakes; };
    EXPECT_FALSE(pipe.poll(wake));
    pipe.push("ab");
    pipe.push("c");
    EXPECT_EQ(wakes, 1) << "once for each time it found nothing";
    EXPECT_EQ(*pipe.poll(wake), "abc");
    EXPECT_FALSE(pipe.poll(wake));
    pipe.finish();
    EXPECT_EQ(wakes, 2);
    EXPECT_EQ(*pipe.poll(wake), "");
}

TEST(BodyPipe, WakesAWaitingReaderWhenItFails) {
    BodyPipe pipe([](std::size_t) {});
    pipe.push("lost");
    std::jthread failing([&] { pipe.fail(kGone); });
    Result<std::string> read = pipe.read();
    while (read) read = pipe.read();
    EXPECT_EQ(read.error(), kGone);
    EXPECT_EQ(pipe.read().error(), kGone) << "the error stays";
}

TEST(BodyPipe, WholeBodyIsNotTakenBackByALaterFailure) {
    BodyPipe pipe([](std::size_t) {});
    pipe.push("all");
    pipe.finish();
    pipe.fail(kGone);
    EXPECT_EQ(pipe.read(), "all");
    EXPECT_EQ(pipe.read(), "");
}

TEST(BodyPipe, IsFullAtItsCapacityAndReportsWhatNobodyReads) {
    std::size_t taken = 0;
    const auto pipe = std::make_shared<BodyPipe>([&](std::size_t bytes) { taken += bytes; });
    auto reader = BodyPipe::reader(pipe);
    pipe->push(std::string(BodyPipe::kCapacity - 1, 'x'));
    EXPECT_FALSE(pipe->full());
    pipe->push("x");
    EXPECT_TRUE(pipe->full());
    reader.reset();
    EXPECT_FALSE(pipe->full());
    pipe->push("yy");
    EXPECT_EQ(taken, BodyPipe::kCapacity + 2);
}

}  // namespace
}  // namespace godwit::http
