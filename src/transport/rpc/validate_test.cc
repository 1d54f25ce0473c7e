#include "transport/rpc/validate.h"

#include <gtest/gtest.h>

#include "godwit/migration/v1/migration.pb.h"
#include "transport/rpc/email_address.h"
#include "transport/rpc/json_decode.h"
#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace godwit::rpc {
namespace {

namespace mgmt = zitadel::management::v1;

template <class T>
std::string verdict(std::string_view json) {
    T message;
    const auto decoded = decode_json(json, message);
    if (!decoded) return decoded.error().message;
    const auto valid = validate(message);
    return valid ? "ok" : valid.error().message;
}

std::string person(std::string_view extra) {
    return R"({"userName":"a","profile":{"firstName":"A","lastName":"L"},"email":{"email":"a@example.com"})" + std::string(extra) + "}";
}

TEST(Validate, OfWhatStreamsTheRulesAloneCount) {
    const auto both = [](std::string_view json) {
        migration::v1::SendRecordsRequest message;
        EXPECT_TRUE(decode_json(json, message));
        const auto told = [](const Result<void>& valid) { return valid ? std::string("ok") : valid.error().message; };
        return std::pair(told(validate(message)), told(validate_rules(message)));
    };
    const std::string nul = "value must not contain NUL", in_records =
                                                              "invalid SendRecordsRequest.Records[1]: embedded message failed "
                                                              "validation | caused by: invalid UserRecord.SourceId: " +
                                                              nul;
    EXPECT_EQ(both(R"({"records":[{"sourceId":"a"},{"sourceId":"a\u0000b"}]})"), std::pair(in_records, std::string("ok")));
    const std::string in_id = "invalid SendRecordsRequest.JobId: " + nul;
    EXPECT_EQ(both(R"({"jobId":"a\u0000b"})"), std::pair(in_id, in_id));
    // Rules further in are found.
    mgmt::ImportHumanUserRequest person_without_name;
    ASSERT_TRUE(decode_json(R"({"userName":"a","profile":{"lastName":"L"}})", person_without_name));
    const auto valid = validate_rules(person_without_name);
    ASSERT_FALSE(valid);
    EXPECT_NE(valid.error().message.find("ImportHumanUserRequest_Profile.FirstName"), std::string::npos) << valid.error().message;
}

TEST(Validate, WordsViolationsAsTheReferenceDoes) {
    const std::string too_long(201, 'x'), runes_200 = [] {
        std::string text;
        for (int i = 0; i < 200; ++i) text += "é";
        return text;
    }();
    const std::pair<std::string, std::string> rows[] = {
        {person(""), "ok"},
        {"{}", "invalid ImportHumanUserRequest.UserName: value length must be between 1 and 200 runes, inclusive"},
        {R"({"userName":")" + too_long + "\"}",
         "invalid ImportHumanUserRequest.UserName: value length must be between 1 and 200 runes, inclusive"},
        {R"({"userName":")" + runes_200 + "\"}", "invalid ImportHumanUserRequest.Profile: value is required"},
        {R"({"userName":"a","profile":{"lastName":"L"}})",
         "invalid ImportHumanUserRequest.Profile: embedded message failed validation | caused by: invalid "
         "ImportHumanUserRequest_Profile.FirstName: "
         "value length must be between 1 and 200 runes, inclusive"},
        {R"({"userName":"a","profile":{"firstName":"A","lastName":"L"},"email":{}})",
         "invalid ImportHumanUserRequest.Email: embedded message failed validation | caused by: invalid "
         "ImportHumanUserRequest_Email.Email: "
         "value must be a valid email address | caused by: mail: no address"},
        {person(R"(,"phone":{"phone":"079"})"),
         "invalid ImportHumanUserRequest.Phone: embedded message failed validation | caused by: invalid "
         "ImportHumanUserRequest_Phone.Phone: "
         "value does not have prefix \"+\""},
        {person(R"(,"idps":[{"configId":"1","externalUserId":"2"},{}])"),
         "invalid ImportHumanUserRequest.Idps[1]: embedded message failed validation | caused by: invalid "
         "ImportHumanUserRequest_IDP.ConfigId: "
         "value length must be between 1 and 200 runes, inclusive"},
        {person(R"(,"password":"a\u0000b")"), "invalid ImportHumanUserRequest.Password: value must not contain NUL"},
    };
    for (const auto& [json, expected] : rows) EXPECT_EQ(verdict<mgmt::ImportHumanUserRequest>(json), expected) << json.substr(0, 80);
}

TEST(Validate, KnowsExactLengthsAndCountsOfItems) {
    const std::string apple = R"({"clientId":"c","keyId":"KEYID00001","privateKey":"aw==","teamId":")";
    EXPECT_EQ(verdict<mgmt::AddAppleProviderRequest>(apple + "TEAMID0001\"}"), "ok");
    for (const char* team : {"", "TEAMID001", "TEAMID00001"})
        EXPECT_EQ(verdict<mgmt::AddAppleProviderRequest>(apple + team + "\"}"),
                  "invalid AddAppleProviderRequest.TeamId: value length must be 10 runes")
            << team;
    EXPECT_EQ(verdict<mgmt::AddLDAPProviderRequest>(R"({"name":"L"})"),
              "invalid AddLDAPProviderRequest.Servers: value must contain between 1 and 20 items, inclusive");
}

TEST(Validate, KnowsOneofsEnumsOptionalsAndDurations) {
    EXPECT_EQ(verdict<mgmt::ListUsersRequest>(R"({"queries":[{"phoneQuery":{}}]})"),
              "invalid ListUsersRequest.Queries[0]: embedded message failed validation | caused by: invalid SearchQuery.Query: value is "
              "required");
    EXPECT_EQ(verdict<mgmt::ListUsersRequest>(R"({"queries":[{"userNameQuery":{"userName":"a","method":99}}]})"),
              "invalid ListUsersRequest.Queries[0]: embedded message failed validation | caused by: invalid SearchQuery.UserNameQuery: "
              "embedded message "
              "failed validation | caused by: invalid UserNameQuery.Method: value must be one of the defined enum values");
    EXPECT_EQ(verdict<mgmt::AddMachineUserRequest>(R"({"userName":"m","name":"M"})"), "ok");
    EXPECT_EQ(verdict<mgmt::AddMachineUserRequest>(R"({"userName":"m","name":"M","userId":""})"),
              "invalid AddMachineUserRequest.UserId: value length must be between 1 and 200 runes, inclusive");
    EXPECT_EQ(verdict<zitadel::session::v2::CreateSessionRequest>(R"({"lifetime":"-5s"})"),
              "invalid CreateSessionRequest.Lifetime: value must be greater than 0s");
    EXPECT_EQ(verdict<zitadel::session::v2::CreateSessionRequest>(R"({"lifetime":"5s"})"), "ok");
    EXPECT_EQ(verdict<mgmt::SetHumanPasswordRequest>(R"({"userId":"1"})"),
              "invalid SetHumanPasswordRequest.Password: value length must be between 1 and 72 runes, inclusive");
}

TEST(EmailAddress, IsAnAddrSpecWithAHostName) {
    for (const std::string_view good : {"a@b", "a@example.com", "a.b+c=d'e@sub.example.com", "jürg@example.com", "\"a b\"@example.com",
                                        "\"a\\\"@b\"@example.com", "A@EXAMPLE.COM", "a@1.2.3.4", "a@xn--exmple-cua.com"}) {
        EXPECT_FALSE(email_fault(good)) << good << ": " << *email_fault(good);
    }
    const std::string long_local = std::string(65, 'a') + "@example.com", long_label = "a@" + std::string(64, 'b') + ".com";
    for (const std::string_view bad : {std::string_view(""),
                                       std::string_view("not-an-email"),
                                       std::string_view("a b@example.com"),
                                       std::string_view("@example.com"),
                                       std::string_view("a@"),
                                       std::string_view("a@exämple.com"),
                                       std::string_view("a@-b.com"),
                                       std::string_view("a@b-.com"),
                                       std::string_view("a@b..com"),
                                       std::string_view(".a@b.com"),
                                       std::string_view("a.@b.com"),
                                       std::string_view("a@b@c.com"),
                                       std::string_view("Ann <a@b.com>"),
                                       std::string_view("<a@b.com>"),
                                       std::string_view("a@b.com\n"),
                                       std::string_view("\"a@b.com"),
                                       std::string_view("\"a\"b\"@c.com"),
                                       std::string_view("\"a\\\"@c.com"),
                                       std::string_view("a@[127.0.0.1]"),
                                       std::string_view("a@b_c.com"),
                                       std::string_view(long_local),
                                       std::string_view(long_label)}) {
        EXPECT_TRUE(email_fault(bad)) << bad;
    }
}

}  // namespace
}  // namespace godwit::rpc
