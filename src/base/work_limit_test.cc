#include "base/work_limit.h"

#include <gtest/gtest.h>

#include <thread>

namespace godwit {
namespace {

using namespace std::chrono_literals;
const auto kNow = std::chrono::steady_clock::now();

TEST(WorkLimit, IsNoneUnlessSet) {
    EXPECT_TRUE(work_wanted());
    EXPECT_EQ(WorkLimit::current(), nullptr);
    EXPECT_EQ(within_work_limit(kNow), kNow);
}

TEST(WorkLimit, EndsWithDeadlineOrClient) {
    bool gone = false;
    const std::function<bool()> cancelled = [&] { return gone; };
    {
        const WorkLimit limit(kNow + 1h, cancelled);
        EXPECT_TRUE(work_wanted());
        EXPECT_EQ(within_work_limit(kNow + 2h), kNow + 1h);
        EXPECT_EQ(within_work_limit(kNow + 1min), kNow + 1min);
        gone = true;
        EXPECT_EQ(work_wanted().error().code, Code::cancelled);
        {
            const WorkLimit inner(kNow, cancelled);
            EXPECT_EQ(work_wanted().error().code, Code::deadline_exceeded);
        }
        EXPECT_EQ(WorkLimit::current(), &limit);
        std::thread([] { EXPECT_TRUE(work_wanted()); }).join();
    }
    EXPECT_TRUE(work_wanted());
}

}  // namespace
}  // namespace godwit
