#include <gmock/gmock.h>

#include "api/admin/import_run.h"
#include "api/admin/import_test_fixture.h"

namespace godwit::api {
namespace {

class ImportTest : public ImportStoreTest {};
GODWIT_ON_BOTH_ENGINES(ImportTest);

// An RSA public key, PEM in base64.
#define PUBLIC_KEY                                                                                                                         \
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUlJQklqQU5CZ2txaGtpRzl3MEJBUUVGQUFPQ0FROEFNSUlCQ2dLQ0FRRUF4TXFuUE8yVzBVZVFyTDI3RytoNApGMXc5WmR5" \
    "WHZjcG5pN09lVENLOVVkZUFmUFp4WmZPcXBqVnhoTjNMbFlkL2t2aC9CQzNPSS9XdVBDSHFhVGI5CmRiOW5OWEwrNXBCalFjWDc0TmRhNGpJckhMbzRuV1d4NktqME54SUFz" \
    "N0NpL2o5dUs0bmVRYlhUODYxMVhWU3kKQVhzdWhiNEtrblE4Y2dwVXV5cjBGcXMzMmxxMHVHOG5reFVYMUV1MEJTT3p5dVRzODN5ZldNOWFHZzcrOFJXdgpNTjZWRFZoQVNL" \
    "ZTlIeGQyRzQ1bmkzSUowUms2djFOUVEyVUZkb212blhYdUFVb1JRampVb1JmenNGOTB0VVkvCnV3K1h2Y2tDZ1RMQ1hnazNxQWdUd1VUQnZHUitNWjlKMEQ3aHpzc0dOMVln" \
    "aWN4VGxaK3R3VFN6UkxzaDhXY2IKOFFJREFRQUIKLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg=="

/// One person of a bulk file.
std::string person(const std::string& id, const std::string& name, const std::string& more = "", const std::string& state = "") {
    return R"({"userId":")" + id + R"(","user":{"userName":")" + name +
           R"(","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":")" + name + R"(@example.com","isEmailVerified":true})" +
           more + "}" + state + "}";
}
std::string people(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        if (i > 0) out += ',';
        out += person("p" + std::to_string(i), "person" + std::to_string(i));
    }
    return out;
}
std::string org_with(const std::string& humans, const std::string& timeout = "10m") {
    return R"({"dataOrgs":{"orgs":[{"orgId":"o1","org":{"name":"Imported"},"humanUsers":[)" + humans + R"(]}]},"timeout":")" + timeout +
           "\"}";
}

// The parts of the recorded file ("admin_import", full new org) that have a table, in an order of their own.
constexpr std::string_view kFull = R"({"timeout":"60s","dataOrgs":{"orgs":[{
"userLinks":[{"userId":"u1","idpId":"idp1","idpName":"OIDC IdP","providedUserId":"ext-1","providedUserName":"ext name","idpType":"IDP_TYPE_OIDC"}],
"orgMembers":[{"userId":"u1","roles":["ORG_OWNER"]}],
"projectMembers":[{"projectId":"p1","userId":"u2","roles":["PROJECT_OWNER"]}],
"projectRoles":[{"projectId":"p1","roleKey":"reader","displayName":"Reader","group":"g"},{"projectId":"p1","roleKey":"writer","displayName":"Writer"}],
"appKeys":[{"id":"ak1","projectId":"p1","appId":"aa1","type":"KEY_TYPE_JSON","publicKey":")" PUBLIC_KEY R"("}],
"oidcApps":[{"appId":"oa1","app":{"projectId":"p1","name":"web","redirectUris":["http://localhost:3000/cb"],"devMode":true}}],
"apiApps":[{"appId":"aa1","app":{"projectId":"p1","name":"api","authMethodType":"API_AUTH_METHOD_TYPE_PRIVATE_KEY_JWT"}}],
"projects":[{"projectId":"p1","project":{"name":"Project 1","projectRoleAssertion":true}}],
"machineKeys":[{"keyId":"mk1","userId":"m1","type":"KEY_TYPE_JSON","expirationDate":"2999-01-01T00:00:00Z","publicKey":")" PUBLIC_KEY
                                   R"("}],
"machineUsers":[{"userId":"m1","user":{"userName":"mach1","name":"Mach","accessTokenType":"ACCESS_TOKEN_TYPE_JWT"}}],
"humanUsers":[
 {"userId":"u1","user":{"userName":"imp1","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":"imp1@example.com","isEmailVerified":true},"hashedPassword":{"value":"$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS"}}},
 {"userId":"u2","user":{"userName":"imp2","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":"imp2@example.com","isEmailVerified":true},"password":"password"}},
 {"userId":"u3","user":{"userName":"imp3","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":"imp3@example.com"},"otpCode":"JBSWY3DPEHPK3PXP"}},
 {"userId":"u4","user":{"userName":"imp4","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":"imp4@example.com"}},"state":"USER_STATE_INACTIVE"},
 {"userId":"u5","user":{"userName":"imp5","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":"imp5@example.com"}},"state":"USER_STATE_LOCKED"},
 {"userId":"u6","user":{"userName":"imp6","profile":{"firstName":"Ann","lastName":"Lee"},"email":{"email":"imp6@example.com"},"requestPasswordlessRegistration":true}}],
"oidcIdps":[{"idpId":"idp1","idp":{"name":"OIDC IdP","clientId":"cid","clientSecret":"sec","issuer":"https://accounts.example.com","scopes":["openid"],"autoRegister":true}}],
"jwtIdps":[{"idpId":"idp2","idp":{"name":"JWT IdP","jwtEndpoint":"https://jwt.example.com/e","issuer":"https://jwt.example.com","keysEndpoint":"https://jwt.example.com/k","headerName":"x-jwt"}}],
"privacyPolicy":{"tosLink":"https://example.com/tos"},
"passwordComplexityPolicy":{"minLength":"6","hasLowercase":true},
"loginPolicy":{"allowUsernamePassword":true,"passwordlessType":"PASSWORDLESS_TYPE_ALLOWED","secondFactors":["SECOND_FACTOR_TYPE_OTP"]},
"lockoutPolicy":{"maxPasswordAttempts":5},
"labelPolicy":{"primaryColor":"#5469d4","hideLoginNameSuffix":true},
"domains":[{"orgId":"o1","domainName":"imp.example.com","isVerified":true,"isPrimary":true}],
"domainPolicy":{"orgId":"o1","userLoginMustBeDomain":false},
"org":{"name":"Imported"},"orgId":"o1"}]}})";

TEST_P(ImportTest, TakesAWholeOrganizationInWhateverOrderItsPartsCome) {
    const auto answer = import(kFull);
    EXPECT_EQ(errors(answer), std::vector<std::string>());
    ASSERT_EQ(answer.success().orgs_size(), 1);
    const auto& org = answer.success().orgs(0);
    EXPECT_EQ(humans(answer), (std::vector<std::string>{"u1", "u2", "u3", "u4", "u5", "u6"}));
    EXPECT_EQ(org.machine_user_ids(0), "m1");
    EXPECT_EQ(org.project_ids(0), "p1");
    EXPECT_EQ(org.project_roles(1), "p1_writer");
    EXPECT_EQ(org.user_links(0).external_user_id(), "ext-1");
    EXPECT_EQ(org.app_keys(0), "ak1");

    EXPECT_EQ(user("u1")->state, user::State::active);
    EXPECT_TRUE(user("u1")->human()->email.verified());
    EXPECT_EQ(user("u1")->human()->email.source, "import");
    EXPECT_EQ(user("u2")->state, user::State::active);
    EXPECT_EQ(user("u3")->state, user::State::initial);
    EXPECT_EQ(user("u4")->state, user::State::inactive);
    EXPECT_EQ(user("u5")->state, user::State::locked);
    EXPECT_EQ(user("u6")->state, user::State::active);
    EXPECT_TRUE(links_.enrolled(scope(), user("u3")->id)->totp);
    for (const char* id : {"u1", "u2"}) {
        const auto outcome = check_.verify(user::Ref::named(scope(), id), id == std::string("u1") ? "Password1!" : "password", editor_);
        EXPECT_EQ(outcome->verdict, signin::Verdict::verified) << id;
    }
    EXPECT_TRUE(*machines_.find_key(scope(), "mk1"));
    EXPECT_TRUE(*apps_.find_key(scope(), "ak1"));
    const OrgScope imported(scope(), (*orgs_.find(scope(), "o1"))->key);
    EXPECT_EQ((*orgs_.find(scope(), "o1"))->primary_domain, "imp.example.com");
    EXPECT_EQ(settings_.get<settings::v1::LockoutPolicy>(imported)->value.max_password_attempts(), 5U);
    EXPECT_EQ(members_.list(scope(), member::Place::organization(imported.org()), {}, {}, {})->rows.size(), 1U);
}

TEST_P(ImportTest, TheSameFileAgainIsOneErrorForEachObject) {
    import(kFull);
    const std::int64_t before = users();
    // As recorded, but for: keys and links of machines that now exist under their own id, one entry for a user with otpCode, jwt_idp.
    const std::vector<std::string> expected{
        "org o1 ID=ORG-lapo2n Message=Errors.Org.AlreadyExisting",
        "domain_policy o1 ID=ORG-1M8ds Message=Errors.Org.DomainPolicy.AlreadyExists",
        "domain o1_imp.example.com ID=V2-e1wse Message=Errors.Already.Exists",
        "label_policy o1 ID=Org-2B0ps Message=Errors.Org.LabelPolicy.AlreadyExists",
        "lockout_policy o1 ID=ORG-0olDf Message=Errors.ORG.LockoutPolicy.AlreadyExists",
        "oidc_idp idp1 ID=Org-1J8fs Message=Errors.Org.IDPConfig.AlreadyExisting",
        "jwt_idp idp2 ID=Org-1J8fs Message=Errors.Org.IDPConfig.AlreadyExisting",
        "login_policy o1 ID=Org-Dgfb2 Message=Errors.Org.LoginPolicy.AlreadyExists",
        "password_complexity_policy o1 ID=Org-LdhbS Message=Errors.Org.PasswordComplexityPolicy.AlreadyExists",
        "privacy_policy o1 ID=Org-0oLpd Message=Errors.Org.PrivacyPolicy.AlreadyExists",
        "human_user u1 ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting",
        "human_user u2 ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting",
        "human_user u3 ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting",
        "human_user u4 ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting",
        "human_user u5 ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting",
        "human_user u6 ID=COMMAND-ziuna Message=Errors.User.AlreadyExisting",
        "machine_user m1 ID=V3-DKcYh Message=Errors.User.AlreadyExists",
        "machine_user_key mk1 ID=COMMAND-Key01 Message=a key with this id exists already",
        "user_link u1_idp1 ID=V3-DKcYh Message=Errors.User.ExternalIDP.AlreadyExists",
        "project p1 ID=COMMAND-opamwu Message=Errors.Project.AlreadyExisting",
        "oidc_app oa1 ID=PROJECT-lxowmp Message=Errors.Project.App.AlreadyExisting",
        "api_app aa1 ID=PROJECT-mabu12 Message=Errors.Project.App.AlreadyExisting",
        "app_key ak1 ID=COMMAND-Key02 Message=a key with this id exists already",
        "project_role p1_reader ID=V3-DKcYh Message=Errors.Project.Role.AlreadyExists",
        "project_role p1_writer ID=V3-DKcYh Message=Errors.Project.Role.AlreadyExists",
        "org_member o1_u1 ID=ORG-poWwe Message=Errors.Org.Member.AlreadyExists",
        "project_member o1_p1_u2 ID=PROJECT-PtXi1 Message=Errors.Project.Member.AlreadyExists",
    };
    const auto again = import(kFull);
    EXPECT_EQ(errors(again), expected);
    EXPECT_EQ(again.success().orgs(0).ShortDebugString(), "org_id: \"o1\"");
    EXPECT_EQ(users(), before);
}

TEST_P(ImportTest, ABadRecordCostsNoOther) {
    const auto answer = import(org_with(
        person("g1", "good1") + "," +                       //
        R"({"userId":"b1","user":{"userName":"bad1"}},)" +  // no profile
        R"({"userId":"b2","user":{"userName":"bad2","profile":{"firstName":"A","lastName":"B"},"email":{"email":"nope"}}},)" +
        R"({"userId":"b3","userId":"b3"},)" + R"({"userId":"b4","user":5},)" + "7,null," +  //
        person("b5", "bad5", R"(,"hashedPassword":{"value":"$foo$bar"})") + "," +           //
        person("b6", "bad6", R"(,"password":"short")") + "," + person("b7", "GOOD1") + "," + person("g1", "bad8") + "," +
        person("b9", "bad9", R"(,"idps":[{"configId":"nope","externalUserId":"e"}])") + "," +  //
        person("b10", "bad10", "", R"(,"state":"USER_STATE_DELETED")") + "," +                 //
        person("4611686018427387905", "bad11") + "," + person("", "good2") + "," + person("g3", "good3", R"(,"otpCode":"not base32!")")));
    const auto found = errors(answer);
    const std::vector<std::string> expected{"b1", "b2", "b3", "b4", "", "", "b5", "b6", "b7", "g1", "b9", "b10", "4611686018427387905"};
    ASSERT_EQ(found.size(), expected.size()) << ::testing::PrintToString(found);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(answer.errors(static_cast<int>(i)).type(), "human_user");
        EXPECT_EQ(answer.errors(static_cast<int>(i)).id(), expected[i]) << found[i];
    }
    EXPECT_THAT(found[1], ::testing::HasSubstr("ID=IMPORT-Rec01 Message=invalid DataHumanUser.User"));
    EXPECT_THAT(found[6], ::testing::HasSubstr("ID=USER-JDk4t"));
    EXPECT_THAT(found[7], ::testing::HasSubstr("ID=DOMAIN-HuJf6"));
    EXPECT_THAT(found[8], ::testing::HasSubstr("ID=V3-DKcYh Message=Errors.User.AlreadyExists"));
    EXPECT_THAT(found[9], ::testing::HasSubstr("ID=COMMAND-ziuna"));
    EXPECT_THAT(found[10], ::testing::HasSubstr("ID=COMMAND-39nfs"));
    ASSERT_EQ(humans(answer).size(), 3U);
    EXPECT_EQ(humans(answer)[0], "g1");
    EXPECT_EQ(user(humans(answer)[1])->name, "good2");  // a generated id is told
    EXPECT_EQ(humans(answer)[2], "g3");
    EXPECT_EQ(users(), 3);
}

TEST_P(ImportTest, OrganizationsThatCannotBeHad) {
    const std::string humans_u = R"("humanUsers":[)" + person("u", "u") + "]";
    const auto answer =
        import(R"({"timeout":"1m","dataOrgs":{"orgs":[{"orgId":"nope",)" + humans_u + R"(},{"org":{"name":"noid"},)" + humans_u +
               R"(},{"orgId":"t2","org":{"name":"ACME"},)" + humans_u + R"(},{"orgId":"other-org","humanUsers":[)" + person("u8", "u8") +
               R"(]},{"orgId":"t3","org":{"name":"Idle"},"orgState":"ORG_STATE_INACTIVE"}]}})");
    EXPECT_EQ(errors(answer), (std::vector<std::string>{"org nope ID=COMM-deLSk Message=Errors.Org.Invalid",
                                                        "org  ID=ORG-4Mlfs Message=Errors.Invalid.Argument",
                                                        "org t2 ID=V3-DKcYh Message=Errors.Org.AlreadyExists",
                                                        "org other-org ID=ORG-lapo2n Message=Errors.Org.AlreadyExisting"}));
    ASSERT_EQ(answer.success().orgs_size(), 2);
    EXPECT_EQ(humans(answer), std::vector<std::string>{"u8"});
    EXPECT_EQ(user("u8")->org, other_);
    EXPECT_EQ((*orgs_.find(scope(), "t3"))->state, org::State::inactive);
}

TEST_P(ImportTest, TheOlderFormHasItsOwnNameForTheDomainPolicyAndFactorsBesideTheLoginPolicy) {
    const auto answer = import(
        R"({"timeout":"1m","data_orgsv1":{"orgs":[{"orgId":"v1","org":{"name":"V1"},"iamPolicy":{"orgId":"v1","userLoginMustBeDomain":true},
        "loginPolicy":{"allowUsernamePassword":true},"secondFactors":[{"type":"SECOND_FACTOR_TYPE_U2F"}],"humanUsers":[)" +
        person("u40", "imp40") + "]}]}}");
    EXPECT_EQ(errors(answer), std::vector<std::string>());
    EXPECT_EQ(user("u40")->preferred_login_name, "imp40@v1.localhost");
    const auto login = *settings_.get<settings::v1::LoginPolicy>(OrgScope(scope(), user("u40")->org));
    EXPECT_EQ(login.value.second_factors_size(), 1);
}

TEST_P(ImportTest, TakesTheTextsOfTheSignInPages) {
    const auto answer = import(R"({"timeout":"1m","dataOrgs":{"orgs":[{"orgId":"o1","org":{"name":"Imported"},
        "loginTexts":[{"language":"en","loginText":{"title":"Welcome"},"passwordText":{}},{"language":"de-CH","logoutText":{"title":"Tschüss"}},
                      {"language":"not a language","loginText":{"title":"x"}}]}]}})");
    EXPECT_EQ(errors(answer),
              (std::vector<std::string>{"login_text o1_not a language ID=TEXT-Lng01 Message=the language is a tag such as de or pt-BR"}));
    const auto texts = *texts_.all(OrgScope(scope(), (*orgs_.find(scope(), "o1"))->key), text::Kind::login);
    EXPECT_EQ(*texts, (text::ByLanguage{{"en", {{"login_text.title", "Welcome"}}}, {"de", {{"logout_text.title", "Tschüss"}}}}));
}

TEST_P(ImportTest, WhatHasNoTableIsSaidToBeLeftOut) {
    const auto answer = import(R"({"timeout":"1m","dataOrgs":{"orgs":[{"orgId":"o1","org":{"name":"Imported"},
        "actions":[{"actionId":"act1","action":{"name":"hello","script":"function hello(ctx, api) {}","timeout":"10s"}}],
        "triggerActions":[{"flowType":"1","triggerType":"1","actionIds":["act1"]}],
        "initMessages":[{"language":"en","title":"T"}]}]}})");
    std::vector<std::string> found;
    for (const auto& error : answer.errors()) {
        found.push_back(error.type() + " " + error.id());
        EXPECT_THAT(error.message(), ::testing::StartsWith("ID=IMPORT-Ntk01 Message=not taken: this server cannot keep"));
    }
    EXPECT_EQ(found, (std::vector<std::string>{"init_message o1_en", "action act1", "trigger_action 1_1"}));
}

TEST_P(ImportTest, TakesMetadataGrantsAndTheirMembers) {
    // The first organization grants to the second and gives to its user, though both come later in the file.
    const std::string file = R"({"timeout":"1m","dataOrgs":{"orgs":[
        {"orgId":"o1","org":{"name":"One"},"humanUsers":[)" +
                             person("u1", "one") + R"(],
         "projects":[{"projectId":"p1","project":{"name":"P"}}],"projectRoles":[{"projectId":"p1","roleKey":"reader","displayName":"R"}],
         "projectGrants":[{"grantId":"pg1","projectGrant":{"projectId":"p1","grantedOrgId":"o2","roleKeys":["reader"]}},
                          {"grantId":"pg2","projectGrant":{"projectId":"p1","grantedOrgId":"nope","roleKeys":["reader"]}}],
         "userGrants":[{"userId":"u1","projectId":"p1","roleKeys":["reader"]},{"userId":"u1","projectId":"p1","roleKeys":["nope"]},
                       {"userId":"missing","projectId":"p1","roleKeys":["reader"]},{"userId":"u2","projectId":"p1","roleKeys":["reader"]}],
         "projectGrantMembers":[{"projectId":"p1","grantId":"pg1","userId":"u2","roles":["PROJECT_GRANT_OWNER"]},
                                {"projectId":"p1","grantId":"nope","userId":"u2","roles":["PROJECT_GRANT_OWNER"]}],
         "userMetadata":[{"id":"u1","key":"k1","value":"djE="},{"id":"u1","key":"k2","value":""},{"id":"u2","key":"k1","value":"djE="}]},
        {"orgId":"o2","org":{"name":"Two"},"humanUsers":[)" +
                             person("u2", "two") + R"(],
         "userGrants":[{"userId":"u2","projectId":"p1","projectGrantId":"pg1","roleKeys":["reader"]}]}]}})";
    const auto answer = import(file);
    EXPECT_EQ(errors(answer),
              (std::vector<std::string>{
                  "user_metadata u1_k2 ID=IMPORT-Rec01 Message=invalid SetUserMetadataRequest.Value: value length must be between 1 and "
                  "500000 bytes, inclusive",
                  "user_metadata u2_k1 ID=COMMAND-uXHNj Message=Errors.User.NotFound",
                  "project_grant o1_p1_nope ID=COMMAND-3m9gg Message=Organisation not found",
                  "user_grant o1_p1_u1 ID=COMMAND-mm9F4 Message=Errors.Project.Role.NotFound",
                  "user_grant o1_p1_missing ID=COMMAND-4f8sg Message=Errors.User.NotFound",
                  "project_grant_member o1_p1_nope_u2 ID=PROJECT-D8JxR Message=Grant not found"}));
    const auto& one = answer.success().orgs(0);
    EXPECT_EQ(one.project_grants_size(), 1);
    EXPECT_EQ(one.user_grants_size(), 2);
    EXPECT_EQ(one.user_metadata(0).ShortDebugString(), R"(user_id: "u1" key: "k1")");
    EXPECT_EQ(one.project_grant_members(0).grant_id(), "pg1");
    const OrgScope two(scope(), user("u2")->org);
    EXPECT_EQ(user_grants_.list(two, {}, {})->rows.at(0).project_grant_id, "pg1");
    EXPECT_EQ(metadata_.get(user::Ref::named(scope(), "u1"), "k1")->value, "v1");

    std::vector<std::string> again = errors(import(file));
    std::erase_if(again, [](const std::string& error) { return error.find("Already") == std::string::npos; });
    EXPECT_THAT(again, ::testing::IsSupersetOf({"project_grant o1_p1_o2 ID=V3-DKcYh Message=Errors.Project.Grant.AlreadyExists",
                                                "user_grant o1_p1_u1 ID=V3-DKcYh Message=Errors.UserGrant.AlreadyExists",
                                                "project_grant_member o1_p1_pg1_u2 ID=PROJECT-37fug Message=Errors.AlreadyExists"}));
}

TEST_P(ImportTest, WhatComesByTheThousandIsTakenInBatches) {
    std::string metadata;
    for (std::size_t i = 0; i < 2 * kBatchRecords + 1; ++i)
        metadata += (i ? "," : "") + std::string(R"({"id":"u1","key":"k)") + std::to_string(i) + R"(","value":"djE="})";
    const auto answer = import(R"({"timeout":"1m","dataOrgs":{"orgs":[{"orgId":"o1","org":{"name":"One"},"humanUsers":[)" +
                               person("u1", "one") + R"(],"userMetadata":[)" + metadata + "]}]}}");
    EXPECT_EQ(errors(answer), std::vector<std::string>());
    EXPECT_EQ(answer.success().orgs(0).user_metadata_size(), static_cast<int>(2 * kBatchRecords + 1));
    EXPECT_EQ(metadata_.list(user::Ref::named(scope(), "u1"), {}, {.limit = 1})->total, 2 * kBatchRecords + 1);
}

TEST_P(ImportTest, WhatWasDoneBeforeTheTimeOutStaysAndTheSameFileFinishesTheRest) {
    const std::string file = org_with(people(30));
    // A batch has at most eight plain passwords a thread, so that thirty of them are several.
    std::string plain = org_with(
        [] {
            std::string out;
            for (int i = 0; i < 30; ++i)
                out += (i ? "," : "") + person("p" + std::to_string(i), "person" + std::to_string(i), R"(,"password":"Password1!")");
            return out;
        }(),
        "20ms");
    ImportCall slow = call();
    slow.now = SteppingClock{std::chrono::milliseconds(1)};
    const auto first = import(plain, slow);
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_EQ(first->errors_size(), 1);
    EXPECT_EQ(first->errors(0).type(), "timeout");
    EXPECT_EQ(first->errors(0).id(), "");
    const std::int64_t done = users();
    EXPECT_LT(done, 30);
    EXPECT_EQ(first->errors(0).message(), std::to_string(30 - done) + " of 31 records not tried");
    EXPECT_EQ(static_cast<std::int64_t>(humans(*first).size()), done);

    const auto second = import(plain);
    // 20 ms are enough now or not, but nobody who is there is hashed again, so that each call gets further.
    const auto third = import(file);
    EXPECT_EQ(users(), 30);
    for (const auto& error : third.errors()) EXPECT_NE(error.type(), "timeout");
}

TEST_P(ImportTest, ATimeOutAtOnceTriesNothing) {
    ImportCall late = call();
    late.now = SteppingClock{std::chrono::seconds(1)};
    const auto answer = import(org_with(people(5), "1ms"), late);
    ASSERT_TRUE(answer);
    EXPECT_EQ(errors(*answer), std::vector<std::string>{"timeout  6 of 6 records not tried"});
    EXPECT_TRUE(answer->has_success());
    EXPECT_EQ(users(), 0);
}

TEST_P(ImportTest, ABatchIsWrittenOrNotWhenTheClientGoes) {
    std::atomic<int> asked = 0;
    ImportCall gone = call();
    gone.cancelled = [&] { return ++asked > 3; };
    const auto answer = import(org_with(people(2500)), gone);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::cancelled);
    EXPECT_TRUE(*orgs_.find(scope(), "o1"));  // what was done stays done
    EXPECT_EQ(users() % 2500, 0);
    import(org_with(people(2500)));
    EXPECT_EQ(users(), 2500);
}

TEST_P(ImportTest, TakesMoreThanABatch) {
    const auto answer = import(org_with(people(12'000)));
    EXPECT_EQ(answer.errors_size(), 0);
    ASSERT_EQ(humans(answer).size(), 12'000U);
    EXPECT_EQ(humans(answer)[11'999], "p11999");
    EXPECT_EQ(users(), 12'000);
}

TEST_P(ImportTest, NothingIsWrittenForAFileThatIsNotWhole) {
    for (const std::string& file : {org_with(people(3)).substr(0, 200), org_with(people(3), "soon"), org_with(people(3)) + "x"}) {
        const auto refused = import(file, call());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::invalid_argument);
    }
    EXPECT_EQ(users(), 0);
    EXPECT_FALSE(*orgs_.find(scope(), "o1"));
}

// The document of the migration guide, with e-mail addresses filled in; its third person has no password.
constexpr std::string_view kGuide =
    R"({"timeout":"10m","data_orgs":{"orgs":[{"orgId":"104133391254874632","org":{"name":"ACME Inc"},"humanUsers":[
{"userId":"104133391271651848","user":{"userName":"test9@test9","profile":{"firstName":"Road","lastName":"Runner","displayName":"Road Runner","preferredLanguage":"de"},"email":{"email":"test@test9.example","isEmailVerified":true},"hashedPassword":{"value":"$2a$14$aPbwhMVJSVrRRW2NoM/5.esSJO6o/EIGzGxWiM5SAEZlGqCsr9DAK","algorithm":"bcrypt"}}},
{"userId":"120080115081209416","user":{"userName":"testuser","profile":{"firstName":"Test","lastName":"User","displayName":"Test User","preferredLanguage":"und"},"email":{"email":"test@test.example","isEmailVerified":true},"hashedPassword":{"value":"$2a$14$785Fcdbpo9rn5L7E21nIAOJvGCPgWFrZhIAIfDonYXzWuZIKRAQkO","algorithm":"bcrypt"}}},
{"userId":"145195347319252359","user":{"userName":"wile@test9","profile":{"firstName":"Wile E.","lastName":"Coyote","displayName":"Wile E. Coyote","preferredLanguage":"en"},"email":{"email":"wile.e@coyote.example"}}}]}]}})";

TEST_P(ImportTest, TakesTheDocumentOfTheGuide) {
    const auto answer = import(kGuide);
    EXPECT_EQ(errors(answer), std::vector<std::string>());
    EXPECT_EQ(humans(answer), (std::vector<std::string>{"104133391271651848", "120080115081209416", "145195347319252359"}));
    EXPECT_EQ(user("104133391271651848")->state, user::State::active);
    EXPECT_EQ(user("120080115081209416")->state, user::State::active);
    EXPECT_EQ(user("145195347319252359")->state, user::State::initial);
    EXPECT_FALSE(user("145195347319252359")->human()->email.verified());
}

}  // namespace
}  // namespace godwit::api
