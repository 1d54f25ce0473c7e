#include "migration/input/glimpse.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

TEST(Glimpse, FindsTheTextOfAMemberOfWhatIsBroken) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {R"({"id":"ada","b":1})", "ada"},
        {R"( { "b" : [ {"id":"inner"} , "]" ] , "id" : "a\u0064a" } )", "ada"},
        {R"({"b":{"id":"inner"},"id":"ada")", "ada"},
        {R"({"b":"\"},","ID":"ada","c":)", "ada"},
        {R"({"b":,"id":"ada"})", "ada"},
        {R"({"b":tru,"id":"ada"})", "ada"},
        {R"({"id":12,"b":"cut of)", "12"},
        {R"([{"id":"ada"}])", "ada"},
        {R"({"id":null,"other":"bob"})", "bob"},
        {R"({"id":"","other":"bob", "b":)", "bob"},
        {R"({"other":"bob","id":"ada"})", "ada"},
        {R"({"other":"bob","b":tru})", "bob"},
        // It has none.
        {R"({"b":{"id":"inner"}})", ""},
        {"{}", ""},
        // Which it is cannot be told.
        {R"({"id":,"other":"bob"})", "?"},
        {R"({"other":"bob","b" "id":"ada"})", "?"},
        {R"({"other":"bob","b":"unclosed,"id":"ada"})", "?"},
        {R"({"other":"bob","cut":)", "?"},
        {R"({"id":"cut of)", "?"},
        {R"({"id":12)", "?"},
        {R"({"id":"bad \x escape"})", "?"},
        {R"({"id":{"id":"inner"}})", "?"},
        {R"({"id":1.5})", "?"},
        {R"("id")", "?"},
        {"{\"", "?"},
        {"{", "?"},
        {"", "?"},
    };
    for (const auto& [json, id] : rows) EXPECT_EQ(Glimpse(json).text({{"id", "ID"}, {"other"}}).value_or("?"), id) << json;
}

TEST(Glimpse, LooksIntoWhatIsCutOff) {
    const std::string_view cut = R"({"userId":"u","user":{"userName":"ada","profile":{"first)";
    EXPECT_EQ(Glimpse(cut).within("user").text({{"userName"}}), "ada");
    EXPECT_EQ(Glimpse(cut).within("user").text({{"other"}}), std::nullopt);
    EXPECT_EQ(Glimpse(R"({"users":[ {"userId":"u", } ]})").within("users").text({{"userId"}}), "u");
    std::string many = "{";
    for (int i = 0; i < 100'000; ++i) many += "\"x\":1,";
    EXPECT_EQ(Glimpse(many + "\"id\":\"ada\"}").text({{"id"}}), std::nullopt) << "nothing is read without end";
}

}  // namespace
}  // namespace godwit::migration
