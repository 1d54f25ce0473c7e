#include "migration/sources/keycloak/keycloak.h"

#include "base/encoding.h"
#include "credentials/password/verifier.h"
#include "migration/sources/golden_fixture.h"

namespace godwit::migration {
namespace {

const std::string kFixtures = "tests/fixtures/migrate/keycloak/";
const std::string kForeign = "tests/vectors/migrate/keycloak-26/";

bool fits(const v1::UserRecord& record, std::string_view password) {
    password::HashMemory memory;
    const auto verifier = password::Verifier::make({}, memory);
    const auto accepted = verifier->accept(record.password().hash());
    EXPECT_TRUE(accepted) << record.user_name() << ": " << accepted.error().message;
    return accepted && *verifier->verify(password, accepted->encoded, std::chrono::steady_clock::now() + std::chrono::minutes(1));
}

TEST(Keycloak, ReadsWhatKeycloakWroteInBothForms) {
    const std::pair<std::vector<std::string>, std::string> rows[] = {
        {{kForeign + "exp-acme"}, "1"},
        {{kForeign + "exp-globex/globex-realm.json"}, "2"},
    };
    for (const auto& [paths, number] : rows) {
        const auto reading = read_all(keycloak_kind(), {.paths = paths});
        ASSERT_TRUE(reading) << reading.error().message;
        EXPECT_EQ(reading->records.size(), 15u);
        EXPECT_TRUE(reading->errors.empty());
        EXPECT_TRUE(reading->warnings.empty());
        EXPECT_EQ(reading->others.at("identity providers"), 1u);
        EXPECT_EQ(reading->others.at("groups"), 1u);

        const auto* user10 = reading->find("user10");
        ASSERT_NE(user10, nullptr);
        EXPECT_TRUE(fits(*user10, "Pass-" + number + "-10-ö!"));
        EXPECT_FALSE(fits(*user10, "Pass-" + number + "-11-ö!"));
        EXPECT_EQ(user10->grants_size(), 2);
        EXPECT_EQ(user10->grants(0).project(), reading->variables.at("realm"));
        EXPECT_EQ(user10->grants(1).roles(0), "buyer");
        EXPECT_EQ(user10->groups(0), "/staff/support");
        EXPECT_EQ(user10->phone().number(), "+41791000010");
        EXPECT_EQ(user10->metadata().at("tier").string_value(), "basic");
        EXPECT_EQ(reading->find("user0")->metadata().at("tier").list_value().values_size(), 2);
        EXPECT_EQ(reading->find("user7")->state(), "inactive");
        EXPECT_TRUE(reading->find("user5")->password().change_required());
        EXPECT_EQ(reading->find("user3")->required_actions(0), "VERIFY_EMAIL");
        EXPECT_EQ(reading->find("user4")->idp_links(0).external_id(), "1100000000000000" + number + "4");
        EXPECT_EQ(reading->find("service-account-shop")->type(), "machine");

        // The bytes of the text are the key where the encoding is not said.
        EXPECT_EQ(*base32_decode_lenient(reading->find("otp-text")->totp(0).key()), "s3cretTextNotB32xx01");
        EXPECT_EQ(reading->find("otp-b32")->totp(0).key(), "JBSWY3DPEHPK3PXP");
        EXPECT_TRUE(fits(*reading->find("otp-text"), "Pass-otp-1!"));
        expect_round_trip(keycloak_kind(), *reading, {}, "-realm.json");
    }
}

TEST(Keycloak, WarnsOfARealmFileWithoutUsers) {
    const auto reading = read_all(keycloak_kind(), {.paths = {kForeign + "exp-acme/acme-realm.json"}});
    ASSERT_TRUE(reading);
    EXPECT_TRUE(reading->records.empty());
    ASSERT_TRUE(reading->warns("source.no_users"));
    EXPECT_NE(reading->warnings[0].message.find("acme-users-0.json"), std::string::npos) << reading->warnings[0].message;
    EXPECT_EQ(find_code("source.no_users")->weight, Weight::refused);
}

TEST(Keycloak, NamesWhatGivesRolesToOthers) {
    const std::string path = ::testing::TempDir() + "/derived-realm.json";
    std::ofstream(path) << R"({"realm":"r","users":[{"id":"1","username":"a"}],
        "groups":[{"path":"/plain","realmRoles":[],"clientRoles":{"shop":[]},"subGroups":[{"path":"/plain/sub","realmRoles":["editor"]}]},
                  {"path":"/buyers","clientRoles":{"shop":["buyer"]}}],
        "roles":{"realm":[{"name":"default-roles-r","composite":true},{"name":"boss","composite":true},{"name":"editor","composite":false}],
                 "client":{"realm-management":[{"name":"realm-admin","composite":true}],"shop":[{"name":"owner","composite":true}]}}})";
    const auto reading = read_all(keycloak_kind(), {.paths = {path}});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_TRUE(reading->warns("source.derived_roles"));
    EXPECT_EQ(reading->warnings.front().message, "/plain/sub, /buyers, boss, shop/owner");
}

TEST(Keycloak, NamesTheFirstOfManyAndCountsTheRest) {
    const std::string path = ::testing::TempDir() + "/many-realm.json";
    std::string groups;
    for (int i = 1; i <= 1'000; ++i)
        groups += std::string(i == 1 ? "" : ",") + R"({"path":"/g)" + std::to_string(i) + R"(","realmRoles":["r"]})";
    std::ofstream(path) << R"({"realm":"r","users":[{"id":"1","username":"a"}],"groups":[)" << groups << "]}";
    const auto reading = read_all(keycloak_kind(), {.paths = {path}});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_TRUE(reading->warns("source.derived_roles"));
    const std::string& message = reading->warnings.front().message;
    EXPECT_TRUE(message.starts_with("/g1, /g2, ")) << message;
    EXPECT_TRUE(message.ends_with("/g19, /g20 and 980 more")) << message;
}

TEST(Keycloak, RefusesSeveralRealmsAtOnce) {
    const auto reading = read_all(keycloak_kind(), {.paths = {kForeign + "exp-acme", kForeign + "exp-globex/globex-realm.json"}});
    ASSERT_FALSE(reading);
    EXPECT_NE(reading.error().message.find("acme, globex"), std::string::npos) << reading.error().message;
}

TEST(Keycloak, MapsEveryPart) {
    const auto reading = read_all(keycloak_kind(), {.paths = {kFixtures + "everything"}, .rp_id = "acme.example"});
    ASSERT_TRUE(reading) << reading.error().message;
    expect_golden(*reading, kFixtures + "everything.golden");
    EXPECT_TRUE(reading->warns("source.ignored_file"));
    const auto* ada = reading->find("ada");
    ASSERT_NE(ada, nullptr);
    EXPECT_TRUE(fits(*ada, "Correct-Horse-7é"));
    ASSERT_EQ(ada->recovery_codes_size(), 2);
    password::HashMemory memory;
    const auto verifier = password::Verifier::make({}, memory);
    const auto code = verifier->accept(ada->recovery_codes(0).hash());
    ASSERT_TRUE(code) << code.error().message;
    EXPECT_TRUE(*verifier->verify("AAAABBBBCCCC", code->encoded, std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    EXPECT_TRUE(fits(*reading->find("old"), "Correct-Horse-7é")) << "the form before Keycloak 8";
}

TEST(Keycloak, ReadsTheSampleOfZitadelTools) {
    const auto reading = read_all(keycloak_kind(), {.paths = {"tests/vectors/migrate/zitadel-tools-keycloak/realm.json"}});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_EQ(reading->records.size(), 1u);
    EXPECT_EQ(reading->records[0].email().address(), "test-user@mail.com");
    EXPECT_TRUE(reading->records[0].email().verified());
}

TEST(Keycloak, ARefusedUserHasTheirIdWhenItCanBeRead) {
    const std::string path = ::testing::TempDir() + "/refused-realm.json";
    std::ofstream(path)
        << R"({"realm":"acme","users":[{"id":"k1","username":tru},{"username":"k2","id":null,"enabled":no},{"enabled":true}]})";
    const auto reading = read_all(keycloak_kind(), {.paths = {path}});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(reading->refused, (std::map<std::uint64_t, std::string>{{1, "k1"}, {2, "k2"}, {3, ""}}));
}

}  // namespace
}  // namespace godwit::migration
