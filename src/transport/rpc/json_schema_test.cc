#include "transport/rpc/json_schema.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"
#include "zitadel/user.pb.h"

namespace godwit::rpc {
namespace {

namespace mgmt = zitadel::management::v1;
using Direction = JsonSchemas::Direction;

/// The text at a JSON pointer, "" when there is nothing.
std::string at(const JsonObject& json, const std::string& pointer) {
    simdjson::dom::parser parser;
    simdjson::dom::element document, found;
    if (parser.parse(json.text()).get(document) != simdjson::SUCCESS) return "not JSON: " + json.text();
    if (document.at_pointer(pointer).get(found) != simdjson::SUCCESS) return "";
    return simdjson::minify(found);
}

template <class T>
JsonObject schema(Direction direction = Direction::request, std::vector<std::string> without = {}) {
    return JsonSchemas().message(*T::descriptor(), direction, without);
}

TEST(JsonSchemas, SaysHowValuesAreWritten) {
    struct Row {
        std::string name;
        JsonObject message;
        std::string pointer, expected;
    };
    const Row rows[] = {
        {"string with limits", schema<mgmt::ImportHumanUserRequest>(), "/properties/userName",
         R"({"type":"string","minLength":1,"maxLength":200})"},
        {"bool", schema<mgmt::ImportHumanUserRequest>(), "/properties/passwordChangeRequired", R"({"type":"boolean"})"},
        {"list", schema<mgmt::ImportHumanUserRequest>(), "/properties/idps/type", R"("array")"},
        {"list of messages", schema<mgmt::ImportHumanUserRequest>(), "/properties/idps/items/$ref",
         R"("#/components/schemas/zitadel.management.v1.ImportHumanUserRequest.IDP.Input")"},
        {"message without limits", schema<mgmt::ImportHumanUserRequest>(), "/properties/hashedPassword/$ref",
         R"("#/components/schemas/zitadel.management.v1.ImportHumanUserRequest.HashedPassword")"},
        {"e-mail", schema<mgmt::ImportHumanUserRequest::Email>(), "/properties/email/format", R"("email")"},
        {"prefix", schema<mgmt::ImportHumanUserRequest::Phone>(), "/properties/phone/pattern", R"("^\\+")"},
        {"64 bits", schema<zitadel::v1::ObjectDetails>(), "/properties/sequence/type", R"("string")"},
        {"32 bits", schema<zitadel::v1::ListQuery>(), "/properties/limit/maximum", "4294967295"},
        {"time", schema<zitadel::v1::ObjectDetails>(), "/properties/creationDate", R"({"type":"string","format":"date-time"})"},
        {"enum", schema<zitadel::user::v1::StateQuery>(), "/properties/state/enum/1", R"("USER_STATE_ACTIVE")"},
        {"duration with limits", schema<zitadel::session::v2::CreateSessionRequest>(), "/properties/lifetime/pattern",
         R"("^[0-9]{1,12}(\\.[0-9]{1,9})?s$")"},
        {"map of bytes", schema<zitadel::session::v2::CreateSessionRequest>(), "/properties/metadata/additionalProperties/contentEncoding",
         R"("base64")"},
    };
    for (const auto& row : rows) EXPECT_EQ(at(row.message, row.pointer), row.expected) << row.name;
}

TEST(JsonSchemas, RequestsAreLimitedAndAnswersAreNot) {
    EXPECT_EQ(at(schema<mgmt::ImportHumanUserRequest>(), "/required"), R"(["userName","profile","email"])");
    EXPECT_EQ(at(schema<mgmt::ImportHumanUserRequest>(Direction::response), "/required"), "");
    EXPECT_EQ(at(schema<mgmt::ImportHumanUserRequest>(Direction::response), "/properties/userName"), R"({"type":"string"})");
    const auto update = schema<mgmt::UpdateUserNameRequest>(Direction::request, {"user_id"});
    EXPECT_EQ(at(update, "/properties/userId"), "") << "the path says it";
    EXPECT_EQ(at(update, "/required"), R"(["userName"])");
}

TEST(JsonSchemas, MembersOfAOneofExcludeEachOther) {
    const auto query = schema<zitadel::user::v1::SearchQuery>();
    EXPECT_EQ(at(query, "/allOf/0/oneOf/0/required"), R"(["userNameQuery"])");
    EXPECT_EQ(at(query, "/allOf/0/oneOf").find(R"({"not":)"), std::string::npos) << "one is required";
    const auto answer = schema<zitadel::user::v1::SearchQuery>(Direction::response);
    EXPECT_NE(at(answer, "/allOf/0/oneOf").find(R"({"not":{"anyOf":)"), std::string::npos);
}

TEST(JsonSchemas, ComponentsHoldAllThatIsReferredTo) {
    JsonSchemas schemas;
    schemas.reference(*mgmt::ListUsersRequest::descriptor(), Direction::request);
    schemas.reference(*mgmt::ListUsersResponse::descriptor(), Direction::response);
    const std::string all = schemas.components().text();
    constexpr std::string_view kReference = "\"$ref\":\"#/components/schemas/";
    std::size_t count = 0;
    for (auto place = all.find(kReference); place != std::string::npos; place = all.find(kReference, place + 1), ++count) {
        const auto begin = place + kReference.size();
        const auto name = all.substr(begin, all.find('"', begin) - begin);
        EXPECT_NE(all.find("\"" + name + "\":{"), std::string::npos) << name;
    }
    EXPECT_GT(count, 10u);
}

}  // namespace
}  // namespace godwit::rpc
