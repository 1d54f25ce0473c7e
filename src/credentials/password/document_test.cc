#include "credentials/password/document.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace godwit::password {
namespace {

constexpr const char* kFile = "docs/password-hashes.md";

TEST(Document, IsTheOneInTheDocs) {
    if (std::getenv("GODWIT_WRITE_DOCS") != nullptr) std::ofstream(kFile) << document();
    std::ifstream file(kFile);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), document()) << "write it again with GODWIT_WRITE_DOCS=1";
}

}  // namespace
}  // namespace godwit::password
