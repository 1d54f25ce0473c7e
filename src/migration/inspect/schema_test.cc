#include "migration/inspect/schema.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <set>

namespace godwit::migration {
namespace {

TEST(RecordSchema, HasEveryMemberAndEveryReference) {
    const std::string text = record_schema();
    simdjson::dom::parser parser;
    simdjson::dom::element schema;
    ASSERT_EQ(parser.parse(text).get(schema), simdjson::SUCCESS);
    std::set<std::string> members;
    for (const auto [name, value] : simdjson::dom::object(schema["properties"])) members.emplace(name);
    for (const char* name : {"sourceId", "userName", "createdAt", "passkeys", "metadata", "machine", "v"})
        EXPECT_TRUE(members.contains(name)) << name;
    EXPECT_FALSE(members.contains("origin"));
    for (std::size_t at = text.find("\"$ref\":\"#"); at != std::string::npos; at = text.find("\"$ref\":\"#", at + 1)) {
        const std::size_t begin = at + 9;
        simdjson::dom::element found;
        EXPECT_EQ(schema.at_pointer(text.substr(begin, text.find('"', begin) - begin)).get(found), simdjson::SUCCESS);
    }
}

}  // namespace
}  // namespace godwit::migration
