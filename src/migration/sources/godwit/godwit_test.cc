#include "migration/sources/godwit/godwit.h"

#include <gtest/gtest.h>

#include <fstream>

namespace godwit::migration {
namespace {

TEST(GodwitRecord, TakesEveryPart) {
    const auto record = map_godwit(
        R"({"sourceId":"auth0|5f1a","userId":"","organization":{"name":"Acme"},"userName":"ada","state":"active","createdAt":"2023-04-05T06:07:08Z",
"profile":{"givenName":"Ada","familyName":"L","displayName":"Ada L","nickName":"","preferredLanguage":"en","gender":""},
"email":{"address":"ada@acme.example","verified":true},"phone":{"number":"+41791234567"},
"password":{"hash":"$2b$10$x","algorithm":"","parameters":{"saltPosition":"prefix"},"plain":"","changeRequired":false},
"totp":[{"key":"JBSWY3DP","algorithm":"SHA1","digits":6,"period":30}],"recoveryCodes":[],"otpEmail":false,"otpSms":false,
"passkeys":[{"credentialId":"AQ","publicKey":"Ag","signCount":0,"aaguid":"","transports":[],"userHandle":"","rpId":"acme.example","name":"","kind":"u2f"}],
"idpLinks":[{"idp":"google","externalId":"1100","displayName":""}],"metadata":{"tier":"gold","photo":{"base64":"AQID"}},
"grants":[{"project":"shop","grantedBy":"","roles":["editor"]}],"groups":["/staff"],"emails":[],"avatar":{"url":""},"consents":[],
"requiredActions":[],"subjectAliases":[],"type":"human","machine":{"name":"","description":"","accessTokenType":"","keys":[]},"v":1})");
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->source_id(), "auth0|5f1a");
    EXPECT_TRUE(record->email().verified());
    EXPECT_FALSE(record->phone().has_verified()) << "absent is not false";
    EXPECT_EQ(record->metadata().at("tier").string_value(), "gold");
    EXPECT_EQ(record->metadata().at("photo").struct_value().fields().at("base64").string_value(), "AQID");
    EXPECT_EQ(record->passkeys(0).kind(), "u2f");
    EXPECT_EQ(record->origin().codes_size(), 0);
}

TEST(GodwitRecord, HasAnIdWhereverOneStands) {
    EXPECT_EQ(map_godwit(R"({"userId":"7","userName":"ada"})")->source_id(), "7");
    EXPECT_EQ(map_godwit(R"({"userName":"ada"})")->source_id(), "ada");
    EXPECT_EQ(map_godwit(R"({"email":{"address":"a@b.example"}})")->source_id(), "a@b.example");
}

TEST(GodwitRecord, SaysWhatItDoesNotKnow) {
    const auto record = map_godwit(R"({"userName":"ada","nikcName":"A","email":{"address":"a@b.example","primary":true},
"totp":[{"key":"JBSWY3DP"},{"key":"JBSWY3DP","issuer":"x"}],"metadata":{"any":{"thing":1}},"empty":""})");
    ASSERT_TRUE(record);
    EXPECT_EQ(std::vector(record->origin().lost().begin(), record->origin().lost().end()),
              (std::vector<std::string>{"nikcName", "email.primary", "totp[1].issuer"}));
    EXPECT_EQ(record->origin().codes_size(), 1);
}

TEST(GodwitRecord, RefusesWithACode) {
    const std::vector<std::pair<std::string_view, std::string_view>> rows{
        {R"({"userName":"ada")", "record.bad_json"},
        {R"({"userName":"ada"} {})", "record.bad_json"},
        {"{\"userName\":\"\xff\"}", "record.not_utf8"},
        {R"(["ada"])", "record.bad_form"},
        {R"({"userName":7})", "record.bad_form"},
        {R"({"userName":"ada","user_name":"bo"})", "record.bad_form"},
        {R"({"userName":"ada","createdAt":"yesterday"})", "record.bad_form"},
        {R"({"userName":"ada","v":2})", "record.unknown_version"},
        {R"({"userName":"ada","origin":{"record":"1"}})", "record.origin_by_hand"},
        {R"({"userName":"ada","origin":{}})", "record.origin_by_hand"},
        {R"({"profile":{"givenName":"Ada"}})", "record.no_id"},
    };
    for (const auto& [line, code] : rows) {
        const auto record = map_godwit(line);
        ASSERT_FALSE(record) << line;
        EXPECT_EQ(record.error().id, code) << line << ": " << record.error().message;
    }
}

TEST(GodwitRecord, OfAMillionMembersThatNobodyKnowsTheFirstAreNamed) {
    std::string line = R"({"sourceId":"a")";
    for (int i = 0; i < 1'000'000; ++i) line += ",\"x" + std::to_string(i) + "\":1";
    const auto record = map_godwit(line + "}");
    ASSERT_TRUE(record) << record.error().message;
    const auto& lost = record->origin().lost();
    ASSERT_EQ(lost.size(), 1001);
    EXPECT_EQ(lost[999], "x999");
    EXPECT_EQ(lost[1000], "and more");
}

TEST(GodwitSource, AFileOfNobodyIsSaid) {
    const std::string path = ::testing::TempDir() + "/nobody.ndjson";
    std::ofstream(path) << "\n\n";
    auto source = godwit_kind().open({.paths = {path}});
    ASSERT_TRUE(source) << source.error().message;
    RawRecord raw;
    EXPECT_TRUE((*source)->warnings().empty());
    EXPECT_FALSE((*source)->next(raw).value_or(true));
    ASSERT_EQ((*source)->warnings().size(), 1u);
    EXPECT_EQ((*source)->warnings()[0].code, "source.no_users");
}

TEST(GodwitRecord, ALineThatIsRefusedMayHaveAName) {
    const std::pair<std::string_view, std::string_view> rows[] = {{R"({"sourceId":"a","totp":5})", "a"},
                                                                  {R"({"source_id":"b"})", "b"},
                                                                  {R"({"sourceId":7})", "7"},
                                                                  {R"({"userName":"c"})", "c"},
                                                                  {R"({"sourceId":"d")", "d"},
                                                                  {R"({"email":{"address":"e@f.example"},"v":"x"})", "e@f.example"},
                                                                  {R"({"sourceId":"cut of)", ""},
                                                                  {"[]", ""}};
    for (const auto& [line, id] : rows) EXPECT_EQ(id_in_godwit(line), id) << line;
}

}  // namespace
}  // namespace godwit::migration
