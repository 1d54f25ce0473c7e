#include "transport/http/ended_streams.h"

#include <gtest/gtest.h>

namespace godwit::http {
namespace {

using Verdict = EndedStreams::Verdict;

TEST(EndedStreams, TellsWhoEndedAStreamAndWhichNeverWere) {
    EndedStreams ended;
    ended.add(5, true);
    ended.add(9, false);
    EXPECT_EQ(ended.judge(5), Verdict::ended);
    EXPECT_EQ(ended.judge(9), Verdict::expected);
    EXPECT_EQ(ended.judge(3), Verdict::never_opened);
    EXPECT_EQ(ended.judge(7), Verdict::never_opened);
}

TEST(EndedStreams, SuspectsNothingOfWhatItForgot) {
    EndedStreams ended;
    for (std::int32_t id = 1; id <= 2 * 65; id += 2) ended.add(id, true);
    EXPECT_EQ(ended.judge(1), Verdict::expected);
    EXPECT_EQ(ended.judge(3), Verdict::ended);
    EXPECT_EQ(ended.judge(129), Verdict::ended);
}

}  // namespace
}  // namespace godwit::http
