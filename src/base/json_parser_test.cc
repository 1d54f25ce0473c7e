#include "base/json_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json_limits.h"

namespace godwit {
namespace {

using simdjson::dom::element;

std::string_view name_in(const element& root) {
    std::string_view name;
    EXPECT_EQ(root["name"].get(name), simdjson::SUCCESS);
    return name;
}

TEST(JsonParser, ReadsSeveralDocumentsAtATimeAndOneAfterTheOther) {
    for (int round = 0; round < 3; ++round) {
        JsonParser first, second;
        element one, two;
        ASSERT_EQ(first.parse(R"({"name":"Ada"})", one), simdjson::SUCCESS);
        ASSERT_EQ(second.parse(R"({"name":"Grace"})", two), simdjson::SUCCESS);
        EXPECT_EQ(name_in(one), "Ada");
        EXPECT_EQ(name_in(two), "Grace");
        ASSERT_EQ(first.parse(R"({"name":"Edsger"})", one), simdjson::SUCCESS);
        EXPECT_EQ(name_in(one), "Edsger");
    }
}

TEST(JsonParser, TakesItsDocumentAlongWhenItIsMoved) {
    JsonParser target;
    element root;
    {
        JsonParser parser;
        ASSERT_EQ(parser.parse(R"({"name":"Ada"})", root), simdjson::SUCCESS);
        target = std::move(parser);
    }
    JsonParser other;  // takes what the moved one left
    element another;
    ASSERT_EQ(other.parse(R"({"name":"Grace"})", another), simdjson::SUCCESS);
    EXPECT_EQ(name_in(root), "Ada");
}

TEST(JsonParser, TakesOnlyAnObjectWhereOneIsMeant) {
    JsonParser parser;
    simdjson::dom::object object;
    EXPECT_EQ(parser.parse_object(R"({"name":"Ada"})", object), simdjson::SUCCESS);
    EXPECT_EQ(object.size(), 1U);
    for (const char* other : {"[]", "1", "\"{}\"", "null"})
        EXPECT_EQ(parser.parse_object(other, object), simdjson::INCORRECT_TYPE) << other;
    for (const char* bad : {"", "{", "{}{}", "{'a':1}"}) EXPECT_NE(parser.parse_object(bad, object), simdjson::SUCCESS) << bad;
    const std::string open(kJsonDepth - 1, '['), close(kJsonDepth - 1, ']');
    EXPECT_EQ(parser.parse_object("{\"a\":" + open + close + "}", object), simdjson::SUCCESS);
    EXPECT_EQ(parser.parse_object("{\"a\":[[" + open + close + "]]}", object), simdjson::DEPTH_ERROR);
}

TEST(JsonParser, ForgetsWhatItRead) {
    const char* left = nullptr;
    std::size_t length = 0;
    {
        JsonParser parser;
        element root;
        ASSERT_EQ(parser.parse(R"({"name":"Correct-Horse-7"})", root), simdjson::SUCCESS);
        const auto name = name_in(root);
        left = name.data();
        length = name.size();
    }
    // The buffer waits for the thread's next document.
    EXPECT_EQ(std::string(left, length), std::string(length, '\0'));
}

TEST(JsonParser, RefusesWhatIsNestedTooDeeply) {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + "1" + std::string(levels, ']'); };
    JsonParser parser;
    element root;
    EXPECT_EQ(parser.parse(nested(kJsonDepth), root), simdjson::SUCCESS);
    EXPECT_EQ(parser.parse(nested(kJsonDepth + 1), root), simdjson::DEPTH_ERROR);
    EXPECT_EQ(parser.parse("{}", root), simdjson::SUCCESS);
}

TEST(JsonParser, ReadsGiants) {
    JsonParser parser;
    element root;
    const std::string name(3u << 20, 'x');
    ASSERT_EQ(parser.parse(R"({"name":")" + name + R"("})", root), simdjson::SUCCESS);
    EXPECT_EQ(name_in(root), name);
}

}  // namespace
}  // namespace godwit
