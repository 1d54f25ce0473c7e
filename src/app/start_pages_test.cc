#include "app/start_pages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace godwit::app {
namespace {

/// KiB in memory of files' code (proc(5), smaps).
long code_in_memory() {
    std::ifstream maps("/proc/self/smaps");
    long total = 0;
    bool code = false;
    for (std::string line; std::getline(maps, line);) {
        const bool head = line.find('-') < line.find(':') && line.find(' ') < line.find(':');
        if (head) code = line.find(" r-xp ") != std::string::npos && line.find('/') != std::string::npos;
        if (code && line.starts_with("Rss:")) total += std::stol(line.substr(4));
    }
    return total;
}

TEST(StartPages, LeaveMemoryAndComeBackWhenTheyAreRun) {
    (void)code_in_memory();
    const long before = code_in_memory();
    give_back_start_pages();
    const long after = code_in_memory();
    EXPECT_GT(after, 0) << "this test runs";
    EXPECT_LT(after, before);
}

}  // namespace
}  // namespace godwit::app
