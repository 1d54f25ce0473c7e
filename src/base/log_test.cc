#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

#include "base/secret.h"

namespace godwit::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

static_assert(!std::is_constructible_v<Field, std::string_view, Secret>);

class LogTest : public testing::Test {
protected:
    LogTest() {
        set_sink([this](Level level, std::string_view line) { lines_.emplace_back(level, line); });
    }
    ~LogTest() override {
        configure(Level::info, Format::text);
        set_sink({});
    }
    std::vector<std::pair<Level, std::string>> lines_;
};

TEST_F(LogTest, WritesJsonLines) {
    configure(Level::info, Format::json);
    warn("slow \"disk\"", {{"ms", 12}, {"path", "/a b"}, {"big", std::uint64_t{1} << 63}, {"ok", false}, {"ratio", 0.5}});
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(lines_[0].first, Level::warn);
    EXPECT_THAT(
        lines_[0].second,
        HasSubstr(R"("level":"warn","msg":"slow \"disk\"","ms":12,"path":"/a b","big":9223372036854775808,"ok":false,"ratio":0.5})"));
}

TEST_F(LogTest, KeepsOneRecordOnOneLineOfText) {
    configure(Level::info, Format::text);
    info("user\nimported", {{"name", "x\n2026 ERROR forged"}, {"id", "u1"}, {"none", ""}});
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_THAT(lines_[0].second, EndsWith(R"( INFO user imported name="x\n2026 ERROR forged" id=u1 none="")"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
    configure(Level::warn, Format::text);
    info("quiet {}");
    EXPECT_FALSE(enabled(Level::info));
    error("braces {} stay {0}");
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_THAT(lines_[0].second, EndsWith("ERROR braces {} stay {0}"));
}

}  // namespace
}  // namespace godwit::log
