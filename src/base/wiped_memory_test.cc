#include "base/wiped_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace godwit {
namespace {

TEST(WipedMemory, GrowsKeepingWhatIsThere) {
    auto* text = static_cast<char*>(realloc_wiped(nullptr, 8));
    ASSERT_NE(text, nullptr);
    std::strcpy(text, "secret");
    for (const std::size_t bytes : {std::size_t{4}, std::size_t{100}, std::size_t{1} << 20}) {
        text = static_cast<char*>(realloc_wiped(text, bytes));
        ASSERT_NE(text, nullptr);
        EXPECT_EQ(std::string_view(text, 4), "secr");
    }
    free_wiped(text);
    free_wiped(nullptr);
}

/// Where leave_behind() has put its text: a number, as no pointer into a frame that has ended may be kept.
std::uintptr_t left_behind = 0;

[[gnu::noinline]] void leave_behind() {
    char text[1024] = "a password of moderate length";
    asm volatile("" : : "r"(text) : "memory");
    left_behind = reinterpret_cast<std::uintptr_t>(text);
}

[[gnu::noinline, gnu::no_sanitize("address")]] bool still_there() {
    const auto* bytes = reinterpret_cast<volatile const char*>(left_behind);
    for (std::size_t i = 0; i < 29; ++i) {
        if (bytes[i] != "a password of moderate length"[i]) return false;
    }
    return true;
}

TEST(WipedMemory, LeavesNothingOnTheStack) {
    leave_behind();
    wipe_stack();
    EXPECT_FALSE(still_there());
}

}  // namespace
}  // namespace godwit
