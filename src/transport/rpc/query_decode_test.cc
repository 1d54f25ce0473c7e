#include "transport/rpc/query_decode.h"

#include <gtest/gtest.h>

#include "godwit/migration/v1/migration.pb.h"
#include "transport/rpc/json_encode.h"
#include "zitadel/management.pb.h"

namespace godwit::rpc {
namespace {

namespace mgmt = zitadel::management::v1;

template <class T>
std::string decoded(std::string_view query, std::vector<std::string> bound = {}) {
    T message;
    const auto outcome = decode_query(query, bound, message);
    return outcome ? encode_json(message).value() : outcome.error().message;
}

TEST(QueryDecode, SetsFieldsByEitherName) {
    struct Row {
        std::string_view query, expected;
    };
    const Row rows[] = {
        {"", "{}"},
        {"userName=a%20b+c&email=x%40y", R"({"userName":"a b c","email":"x@y"})"},
        {"user_name=a", R"({"userName":"a"})"},
        {"foo=1&userName=a&bar", R"({"userName":"a"})"},
        {"userName", R"({})"},
        {"userName=a&userName=b", "invalid parameter userName: given twice"},
        {"userName=a&user_name=b", "invalid parameter user_name: given twice"},
        {"userName.x=a", "{}"},
        {"userName=%f", "malformed query"},
        {"userName=%ff", "invalid parameter userName: malformed value"},
    };
    for (const auto& row : rows) EXPECT_EQ(decoded<mgmt::IsUserUniqueRequest>(row.query), row.expected) << row.query;
}

TEST(QueryDecode, ReachesIntoMessagesAndLeavesTheBoundAside) {
    EXPECT_EQ(decoded<mgmt::ListUsersRequest>("query.limit=5&query.offset=7&query.asc=true&sortingColumn=USER_FIELD_NAME_EMAIL"),
              R"({"query":{"offset":"7","limit":5,"asc":true},"sortingColumn":"USER_FIELD_NAME_EMAIL"})");
    EXPECT_EQ(decoded<mgmt::ListUsersRequest>("query.limit=5", {"query"}), "{}");
    EXPECT_EQ(decoded<mgmt::ListUsersRequest>("query.asc=1"), "invalid parameter query.asc: malformed value");
    EXPECT_EQ(decoded<mgmt::ListUsersRequest>("query=x"), "invalid parameter query: malformed value");
    EXPECT_EQ(decoded<mgmt::ListUsersRequest>("sortingColumn=NOPE"), "{}");
    EXPECT_EQ(decoded<mgmt::ListUsersRequest>("sortingColumn=2"), R"({"sortingColumn":"USER_FIELD_NAME_FIRST_NAME"})");
}

TEST(QueryDecode, RefusesNamesThatGodwitsOwnMessagesDoNotKnow) {
    EXPECT_EQ(decoded<migration::v1::ListJobsRequest>("limit=5"), R"({"limit":5})");
    EXPECT_EQ(decoded<migration::v1::ListJobsRequest>("limt=5"),
              "invalid parameter limt: there is none of this name; did you mean \"limit\"?");
    EXPECT_EQ(decoded<migration::v1::ListJobsRequest>("colour=red"),
              "invalid parameter colour: there is none of this name; there are: limit, offset");
}

TEST(PathVariable, OverwritesWhatTheBodySet) {
    mgmt::UpdateUserNameRequest message;
    message.set_user_id("from the body");
    ASSERT_TRUE(set_path_variable(message, "user_id", "42"));
    EXPECT_EQ(message.user_id(), "42");
    EXPECT_FALSE(set_path_variable(message, "user_id", "\xff"));
    EXPECT_FALSE(set_path_variable(message, "nope", "42"));
}

TEST(FieldPath, IsFoundWhenSingular) {
    EXPECT_NE(find_field_path(mgmt::ListUsersRequest::default_instance(), "query.limit"), nullptr);
    EXPECT_EQ(find_field_path(mgmt::ListUsersRequest::default_instance(), "queries"), nullptr);
    EXPECT_EQ(find_field_path(mgmt::ListUsersRequest::default_instance(), "query.nope"), nullptr);
}

}  // namespace
}  // namespace godwit::rpc
