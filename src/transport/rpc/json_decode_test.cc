#include "transport/rpc/json_decode.h"

#include <gtest/gtest.h>

#include <string>

#include "godwit/migration/v1/migration.pb.h"
#include "transport/rpc/json_encode.h"
#include "zitadel/management.pb.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace godwit::rpc {
namespace {

namespace mgmt = zitadel::management::v1;
using google::protobuf::Message;

template <class T>
std::string round_trip(std::string_view json) {
    T message;
    const auto decoded = decode_json(json, message);
    return decoded ? encode_json(message).value() : decoded.error().message;
}

struct Row {
    std::string_view json, expected;
};

TEST(JsonDecode, ReadsWhatTheReferenceReads) {
    const Row rows[] = {
        {"", "{}"},
        {" \n\t ", "{}"},
        {"{}", "{}"},
        {R"({"userName":"a"})", R"({"userName":"a"})"},
        {R"({"user_name":"a"})", R"({"userName":"a"})"},
        {R"({"userName":null})", "{}"},
        {R"({"profile":null,"idps":null})", "{}"},
        {R"({"profile":{}})", R"({"profile":{}})"},
        {R"({"foo":{"userName":[1,2,{"x":null}]},"userName":"a"})", R"({"userName":"a"})"},
        {R"({"profile":{"gender":"GENDER_DIVERSE"}})", R"({"profile":{"gender":"GENDER_DIVERSE"}})"},
        {R"({"profile":{"gender":"GENDER_FOO"}})", R"({"profile":{}})"},
        {R"({"profile":{"gender":"2"}})", R"({"profile":{}})"},
        {R"({"profile":{"gender":2}})", R"({"profile":{"gender":"GENDER_MALE"}})"},
        {R"({"passwordChangeRequired":true,"email":{"isEmailVerified":false}})", R"({"email":{},"passwordChangeRequired":true})"},
        {R"({"idps":[{"configId":"1"},{"config_id":"2"}]})", R"({"idps":[{"configId":"1"},{"configId":"2"}]})"},
        {R"({"userName":"\u00e9\ud83d\ude00\n"})", "{\"userName\":\"é😀\\n\"}"},
        {R"({"hashedPassword":{"value":"x","algorithm":"scrypt","parameters":{"list":[null,true,"s",{"k":1.5}]}}})",
         R"({"hashedPassword":{"value":"x","algorithm":"scrypt","parameters":{"list":[null,true,"s",{"k":1.5}]}}})"},
    };
    for (const auto& row : rows) EXPECT_EQ(round_trip<mgmt::ImportHumanUserRequest>(row.json), row.expected) << row.json;
}

TEST(JsonDecode, RefusesNamesThatGodwitsOwnMessagesDoNotKnow) {
    const Row rows[] = {
        {R"({"options":{"dryRun":true,"on_conflict":"ON_CONFLICT_MERGE"}})",
         R"({"options":{"onConflict":"ON_CONFLICT_MERGE","dryRun":true}})"},
        {R"({"options":{"roleMap":{"any":"name"}}})", R"({"options":{"roleMap":{"any":"name"}}})"},
        {R"({"options":{"dryRn":true}})", "invalid JSON: options.dryRn: no such member; did you mean \"dryRun\"?"},
        {R"({"options":{"dryRn":null}})", "invalid JSON: options.dryRn: no such member; did you mean \"dryRun\"?"},
        {R"({"options":{"onConflict":"ON_CONFLICT_MRGE"}})",
         "invalid JSON: options.onConflict: no such value; did you mean \"ON_CONFLICT_MERGE\"?"},
        {R"({"options":{"onConflict":"update"}})",
         "invalid JSON: options.onConflict: no such value; there are: ON_CONFLICT_UNSPECIFIED, ON_CONFLICT_SKIP, ON_CONFLICT_FAIL, "
         "ON_CONFLICT_UPDATE, ON_CONFLICT_MERGE"},
        {R"({"colour":"red"})",
         "invalid JSON: colour: no such member; there are: source, kind, organization, pattern, options, idempotencyKey"},
    };
    for (const auto& row : rows) EXPECT_EQ(round_trip<migration::v1::CreateJobRequest>(row.json), row.expected) << row.json;
    const auto long_name = round_trip<migration::v1::CreateJobRequest>("{\"" + std::string(1'000, 'x') + "\":1}");
    EXPECT_LT(long_name.size(), 200u) << long_name;
    migration::v1::CreateJobRequest ignored;
    EXPECT_TRUE(decode_json(R"({"colour":"red","source":"crm","options":{"onConflict":"update"}})", ignored, Unknown::ignored));
    EXPECT_EQ(ignored.source(), "crm");
}

TEST(JsonDecode, ReadsNumbersInEachForm) {
    const Row rows[] = {
        {R"({"query":{"offset":"18446744073709551615","limit":5}})", R"({"query":{"offset":"18446744073709551615","limit":5}})"},
        {R"({"query":{"offset":7,"limit":"5"}})", R"({"query":{"offset":"7","limit":5}})"},
        {R"({"query":{"limit":5.0}})", R"({"query":{"limit":5}})"},
        {R"({"query":{"limit":1e2}})", R"({"query":{"limit":100}})"},
        {R"({"query":{"limit":"1e2"}})", R"({"query":{"limit":100}})"},
        {R"({"query":{"limit":4294967295}})", R"({"query":{"limit":4294967295}})"},
    };
    for (const auto& row : rows) EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(row.json), row.expected) << row.json;
    for (const std::string_view bad : {"-1", "5.5", "4294967296", "\"\"", "\" 5\"", "\"5x\"", "true", "[5]", "{}", "\"NaN\""}) {
        const auto answer = round_trip<mgmt::ListUsersRequest>("{\"query\":{\"limit\":" + std::string(bad) + "}}");
        EXPECT_EQ(answer, "invalid JSON: query.limit: expected a whole number in range") << bad;
    }
}

TEST(JsonDecode, ReadsTimesDurationsBytesAndMaps) {
    const Row keys[] = {
        {R"({"expirationDate":"2099-01-01T00:00:00Z"})", R"({"expirationDate":"2099-01-01T00:00:00Z"})"},
        {R"({"expirationDate":"2026-01-02T03:04:05.678901+01:00"})", R"({"expirationDate":"2026-01-02T02:04:05.678901Z"})"},
        {R"({"expirationDate":"1960-06-01T00:00:00.5Z"})", R"({"expirationDate":"1960-06-01T00:00:00.500Z"})"},
        {R"({"expirationDate":"tomorrow"})", "invalid JSON: expirationDate: expected an RFC 3339 time"},
        {R"({"expirationDate":5})", "invalid JSON: expirationDate: expected an RFC 3339 time"},
        {R"({"publicKey":"-_-_"})", R"({"publicKey":"+/+/"})"},
        {R"({"publicKey":"eA"})", R"({"publicKey":"eA=="})"},
        {R"({"publicKey":"%%%"})", "invalid JSON: publicKey: expected base64"},
    };
    for (const auto& row : keys) EXPECT_EQ(round_trip<mgmt::AddMachineKeyRequest>(row.json), row.expected) << row.json;
    const Row sessions[] = {
        {R"({"lifetime":"3s"})", R"({"lifetime":"3s"})"},
        {R"({"lifetime":"-0.5s"})", R"({"lifetime":"-0.500s"})"},
        {R"({"lifetime":"1.000000001s"})", R"({"lifetime":"1.000000001s"})"},
        {R"({"lifetime":"3"})", "invalid JSON: lifetime: expected a duration like \"1.5s\""},
        {R"({"lifetime":"--3s"})", "invalid JSON: lifetime: expected a duration like \"1.5s\""},
        {R"({"lifetime":"1.s"})", "invalid JSON: lifetime: expected a duration like \"1.5s\""},
        {R"({"lifetime":"315576000001s"})", "invalid JSON: lifetime: expected a duration like \"1.5s\""},
        {R"({"metadata":{"a":"eA=="}})", R"({"metadata":{"a":"eA=="}})"},
        {R"({"metadata":{"a":"eA==","a":"eA=="}})", "invalid JSON: metadata.a: given twice"},
        {R"({"metadata":{"a":null}})", "invalid JSON: metadata.a: null in a map"},
        {R"({"userAgent":{"header":{"x":{"values":["1","2"]}}}})", R"({"userAgent":{"header":{"x":{"values":["1","2"]}}}})"},
    };
    for (const auto& row : sessions) EXPECT_EQ(round_trip<zitadel::session::v2::CreateSessionRequest>(row.json), row.expected) << row.json;
}

TEST(JsonDecode, RefusesWithThePathOfTheFault) {
    const Row rows[] = {
        {R"({"userName":"a","userName":"b"})", "userName: given twice"},
        {R"({"userName":"a","user_name":"b"})", "user_name: given twice"},
        {R"({"userName":null,"userName":"b"})", "userName: given twice"},
        {R"({"userName":1})", "userName: expected a string"},
        {R"({"profile":{"firstName":true}})", "profile.firstName: expected a string"},
        {R"({"email":{"isEmailVerified":"true"}})", "email.isEmailVerified: expected true or false"},
        {R"({"email":{"isEmailVerified":1}})", "email.isEmailVerified: expected true or false"},
        {R"({"profile":[]})", "profile: expected an object"},
        {R"({"profile":{"gender":true}})", "profile.gender: expected the name or number of an enum value"},
        {R"({"idps":{}})", "idps: expected an array"},
        {R"({"idps":[{},{"configId":[]}]})", "idps[1].configId: expected a string"},
        {R"({"idps":[null]})", "idps[0]: null in an array"},
        {R"({"hashedPassword":"$2a$10$"})", "hashedPassword: expected an object"},
        {R"({"hashedPassword":{"parameters":{"a":1,"a":2}}})", "hashedPassword.parameters.a: given twice"},
        {"[]", "expected an object"},
        {"null", "expected an object"},
        {"\"x\"", "expected an object"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(round_trip<mgmt::ImportHumanUserRequest>(row.json), "invalid JSON: " + std::string(row.expected)) << row.json;
}

TEST(JsonDecode, RefusesWhatIsNotOneJsonValue) {
    using namespace std::string_view_literals;
    for (const auto json : {R"({"userName":"x",)"sv, "{"sv, "userName=x"sv, "{}{}"sv, "{} x"sv, R"({"userName":"x",})"sv,
                            R"({'userName':"x"})"sv, R"({userName:"x"})"sv, R"({"userName":"\ud800"})"sv, "{\"userName\":\"\xff\"}"sv,
                            "{\"userName\":\"a\nb\"}"sv, R"({"x":01})"sv, R"({"x":1e999})"sv, R"({"x":99999999999999999999})"sv,
                            R"({"x":+1})"sv, R"({"x":NaN})"sv, "{\"userName\":\"a\"}\0"sv, "\xEF\xBB\xBF\xEF\xBB\xBF{}"sv, "/**/{}"sv}) {
        mgmt::ImportHumanUserRequest message;
        const auto decoded = decode_json(json, message);
        ASSERT_FALSE(decoded) << json;
        EXPECT_EQ(decoded.error().code, Code::invalid_argument);
        EXPECT_EQ(decoded.error().id, "");
    }
}

TEST(JsonDecode, ReadsAHundredLevelsAndNoMore) {
    const auto nested = [](std::size_t levels) {
        std::string json = "{\"x\":";  // an unknown field counts like any other
        for (std::size_t i = 1; i < levels; ++i) json += "[";
        json += "1";
        for (std::size_t i = 1; i < levels; ++i) json += "]";
        return json + "}";
    };
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(nested(kJsonDepth)), "{}");
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(nested(kJsonDepth + 1)), "invalid JSON: nested too deeply");
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(nested(100'000)), "invalid JSON: nested too deeply");
}

TEST(JsonDecode, KeepsTheDepthLimitAfterAGiantDocument) {
    const std::string giant = "{\"x\":\"" + std::string(3u << 20, 'a') + "\"}";
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(giant), "{}");
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>("{\"x\":" + std::string(200, '[') + std::string(200, ']') + "}"),
              "invalid JSON: nested too deeply");
}

TEST(JsonDecode, RefusesTwoMembersOfAOneof) {
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(R"({"queries":[{"userNameQuery":{"userName":"a"},"emailQuery":null}]})"),
              R"({"queries":[{"userNameQuery":{"userName":"a"}}]})");
    EXPECT_EQ(round_trip<mgmt::ListUsersRequest>(R"({"queries":[{"userNameQuery":{},"emailQuery":{}}]})"),
              "invalid JSON: queries[0].emailQuery: excludes another field that is set");
}

TEST(JsonDecode, ReadsPresenceOfOptionalFields) {
    mgmt::AddMachineUserRequest message;
    ASSERT_TRUE(decode_json(R"({"userId":""})", message));
    EXPECT_TRUE(message.has_user_id());
}

TEST(JsonDecode, ReadsASliceOfALargerBuffer) {
    const std::string buffer = R"([{"userName":"a"},{"userName":"b"}])" + std::string(kJsonPadding, ' ');
    mgmt::ImportHumanUserRequest message;
    ASSERT_TRUE(decode_json_padded(std::string_view(buffer).substr(1, 16), message));
    EXPECT_EQ(message.user_name(), "a");
}

TEST(JsonDecode, ReadsAnyValueIntoOneField) {
    const auto& type = *mgmt::ImportHumanUserRequest::descriptor();
    mgmt::ImportHumanUserRequest message;
    EXPECT_TRUE(decode_json_field("\"u\"", message, *type.FindFieldByName("user_name")));
    EXPECT_TRUE(decode_json_field(R"({"firstName":"f"})", message, *type.FindFieldByName("profile")));
    EXPECT_TRUE(decode_json_field(R"([{"configId":"1"}])", message, *type.FindFieldByName("idps")));
    EXPECT_TRUE(decode_json_field("null", message, *type.FindFieldByName("phone")));
    EXPECT_TRUE(decode_json_field("", message, *type.FindFieldByName("email")));
    EXPECT_FALSE(decode_json_field("1", message, *type.FindFieldByName("password")));
    EXPECT_EQ(encode_json(message).value(), R"({"userName":"u","profile":{"firstName":"f"},"idps":[{"configId":"1"}]})");
}

}  // namespace
}  // namespace godwit::rpc
