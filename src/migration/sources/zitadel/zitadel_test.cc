#include "migration/sources/zitadel/zitadel.h"

#include "migration/sources/golden_fixture.h"

namespace godwit::migration {
namespace {

const std::string kFixtures = "tests/fixtures/migrate/zitadel/";

TEST(Zitadel, ReadsWhatZitadelWrote) {
    const auto reading = read_all(zitadel_kind(), {.paths = {"tests/vectors/migrate/zitadel-export.json"}});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_TRUE(reading->errors.empty());
    EXPECT_EQ(reading->others.at("organizations"), 3u);
    EXPECT_EQ(reading->others.at("projects"), 1u);
    const auto* imp1 = reading->find("imp1-251701");
    ASSERT_NE(imp1, nullptr);
    EXPECT_EQ(imp1->organization().id(), "org251701");
    EXPECT_EQ(imp1->organization().domain(), "imported-251701.localhost");
    EXPECT_TRUE(imp1->password().hash().starts_with("$2a$14$"));
    EXPECT_EQ(imp1->grants(0).project(), "p1-251701");
    EXPECT_EQ(imp1->idp_links(0).external_id(), "ext-1");
    EXPECT_EQ(imp1->metadata().at("k1").struct_value().fields().at("base64").string_value(), "djE=");
    EXPECT_EQ(imp1->profile().preferred_language(), "") << "und is no language";
    EXPECT_EQ(reading->find("imp3-251701")->totp(0).key(), "JBSWY3DPEHPK3PXP");
    EXPECT_EQ(reading->find("imp4-251701")->state(), "inactive");
    EXPECT_EQ(reading->find("imp5-251701")->state(), "locked");
    EXPECT_EQ(reading->find("mach1-251701")->type(), "machine");
    EXPECT_EQ(reading->find("imp40-251701")->organization().id(), "v1251701");
    expect_golden(*reading, kFixtures + "export.golden");
    expect_round_trip(zitadel_kind(), *reading, {}, ".json");
}

TEST(Zitadel, ReadsTheFilesOfTheImportInBothNameStyles) {
    for (const char* name : {"import_camel.json", "import_snake.json"}) {
        const auto reading = read_all(zitadel_kind(), {.paths = {kFixtures + name}});
        ASSERT_TRUE(reading) << reading.error().message;
        EXPECT_TRUE(reading->warns("source.unmatched")) << "metadata of somebody who is not there";
        expect_golden(*reading, kFixtures + "import.golden");
        expect_round_trip(zitadel_kind(), *reading, {}, ".json");
    }
    for (const char* tool : {"zitadel-tools-auth0", "zitadel-tools-keycloak"}) {
        const auto reading = read_all(zitadel_kind(), {.paths = {"tests/vectors/migrate/" + std::string(tool) + "/referenceOutput.json"}});
        ASSERT_TRUE(reading) << reading.error().message;
        EXPECT_FALSE(reading->records.empty());
        EXPECT_TRUE(reading->errors.empty());
    }
}

TEST(Zitadel, SaysWhenItIsSomethingElse) {
    const auto reading = read_all(zitadel_kind(), {.paths = {"tests/vectors/migrate/zitadel-tools-keycloak/realm.json"}});
    ASSERT_FALSE(reading);
    EXPECT_EQ(reading.error().id, "MIGRATE-Zi2");
}

TEST(Zitadel, ARefusedUserHasTheirIdWhenItCanBeRead) {
    const std::string path = ::testing::TempDir() + "/refused-export.json";
    std::ofstream(path)
        << R"({"orgs":[{"orgId":"o1","humanUsers":[{"userId":"z1","user":{"userName":tru}},{"user":{"userName":"z2","x":no}}],)"
        << R"("machineUsers":[{"user":{"name":"robot"}}]}]})";
    const auto reading = read_all(zitadel_kind(), {.paths = {path}});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(reading->refused, (std::map<std::uint64_t, std::string>{{1, "z1"}, {2, "z2"}, {3, ""}}));
}

}  // namespace
}  // namespace godwit::migration
