#include "migration/codes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace godwit::migration {
namespace {

constexpr const char* kFile = "docs/migrate/codes.md";

TEST(Codes, AreTheOnesOfTheDocs) {
    if (std::getenv("GODWIT_WRITE_DOCS") != nullptr) std::ofstream(kFile) << codes_document();
    std::ifstream file(kFile);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), codes_document()) << "write it again with GODWIT_WRITE_DOCS=1";
}

TEST(Codes, HaveOneNameAndASentenceEach) {
    std::set<std::string_view> names;
    for (const Code& code : codes()) {
        EXPECT_TRUE(names.insert(code.name).second) << code.name;
        EXPECT_EQ(find_code(code.name), &code);
        EXPECT_NE(code.name.find('.'), std::string_view::npos) << code.name;
        EXPECT_TRUE(code.sentence.ends_with('.')) << code.name;
        EXPECT_EQ(code.sentence.find('|'), std::string_view::npos) << code.name << ": it stands in a table";
    }
    EXPECT_EQ(find_code("nobody.knows"), nullptr);
}

}  // namespace
}  // namespace godwit::migration
