#include "migration/handoff.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

using namespace std::chrono_literals;

TEST(Handoff, GoesOnWhileTheOtherDoesSomethingMeanwhile) {
    Handoff<int> handoff;
    EXPECT_EQ(handoff.take(1ms, [&] { handoff.put(1); }), 1);
    ASSERT_TRUE(handoff.put(2));
    EXPECT_TRUE(handoff.put(3, 1ms, [&] { EXPECT_EQ(handoff.take(), 2); }));
    handoff.end();
    EXPECT_EQ(handoff.take(), 3);
    EXPECT_EQ(handoff.take(), std::nullopt);
}

}  // namespace
}  // namespace godwit::migration
