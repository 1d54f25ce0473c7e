#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace godwit {
namespace {

Result<std::unique_ptr<int>> make(bool ok) {
    if (!ok) return fail(Code::not_found, "TEST-1", "nothing here");
    return std::make_unique<int>(7);
}

Result<void> check(bool ok) {
    if (!ok) return fail(Code::invalid_argument, "TEST-2", "no");
    return {};
}

Result<int> sum(bool first, bool second) {
    auto value = TRY(make(first));  // move-only values pass through
    TRY(check(second));             // and so does void
    return *value + 1;
}

TEST(Try, PassesValuesOnAndReturnsTheFirstError) {
    EXPECT_EQ(sum(true, true).value(), 8);
    EXPECT_EQ(sum(false, true).error().id, "TEST-1");
    EXPECT_EQ(sum(true, false).error().code, Code::invalid_argument);
}

}  // namespace
}  // namespace godwit
