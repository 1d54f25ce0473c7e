#include "base/files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace godwit {
namespace {

TEST(ReadSmallFile, AnswersAllOfItOrWhyNot) {
    const std::string folder = ::testing::TempDir() + "/read_small_file";
    std::filesystem::create_directories(folder);
    const std::string path = folder + "/file", text = std::string(100'000, 'x') + '\0' + "\r\n";
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(read_small_file(path).value_or("error"), text);
    EXPECT_EQ(read_small_file(path, text.size()).value_or("error"), text);

    const std::pair<Result<std::string>, std::string> refused[] = {
        {read_small_file(folder), "cannot read " + folder + ": Is a directory"},
        {read_small_file(folder + "/none"), "cannot read " + folder + "/none: No such file or directory"},
        {read_small_file(path, text.size() - 1), "cannot read " + path + ": it is longer than 100002 bytes"},
    };
    for (const auto& [got, message] : refused) {
        ASSERT_FALSE(got) << message;
        EXPECT_EQ(got.error().message, message);
        EXPECT_EQ(got.error().code, Code::invalid_argument);
    }
}

TEST(ReadTextFile, LeavesTheMarkOut) {
    const std::string path = ::testing::TempDir() + "/read_text_file";
    for (const std::string text : {"\xef\xbb\xbf"
                                   "a\r\n",
                                   "a\r\n"}) {
        std::ofstream(path, std::ios::binary) << text;
        EXPECT_EQ(read_text_file(path).value_or("error"), "a\r\n");
    }
}

}  // namespace
}  // namespace godwit
