#include "migration/sources/auth0/auth0.h"

#include "credentials/password/verifier.h"
#include "migration/sources/golden_fixture.h"

namespace godwit::migration {
namespace {

const std::string kFixtures = "tests/fixtures/migrate/auth0/";
constexpr std::string_view kPassword = "Correct-Horse-7é";

/// Takes "key" for sealed, as the store would.
class Keeper final : public password::SecretKeeper {
public:
    Result<std::string> seal(std::string_view secret) const override { return std::string(secret); }
    Result<Secret> open(std::string_view sealed) const override { return Secret(std::string(sealed)); }
    Result<Secret> find(std::string_view) const override { return fail(godwit::Code::not_found, "", "there is none"); }
};

bool fits(const v1::UserRecord& record, std::string_view password) {
    password::HashMemory memory;
    const Keeper keeper;
    const auto verifier = password::Verifier::make({}, memory, &keeper);
    password::Declaration declaration{.algorithm = record.password().algorithm(), .parameters = {}};
    for (const auto& [name, value] : record.password().parameters().fields()) declaration.parameters[name] = value.string_value();
    const auto accepted = verifier->accept(record.password().hash(), declaration);
    EXPECT_TRUE(accepted) << record.user_name() << ": " << accepted.error().message;
    return accepted && *verifier->verify(password, accepted->encoded, std::chrono::steady_clock::now() + std::chrono::minutes(1));
}

TEST(Auth0, JoinsTheExportWithThePasswordFile) {
    const SourceOptions options{.paths = {kFixtures + "users.ndjson"}, .passwords = kFixtures + "passwords.ndjson"};
    const auto reading = read_all(auth0_kind(), options);
    ASSERT_TRUE(reading) << reading.error().message;
    expect_golden(*reading, kFixtures + "users.golden");
    EXPECT_TRUE(fits(*reading->find("ada"), kPassword));
    EXPECT_TRUE(fits(reading->records[1], kPassword)) << "of the linked database account";
    EXPECT_EQ(reading->records[2].password().hash(), "") << "null is no hash";
    EXPECT_TRUE(reading->warns("source.unmatched"));
    EXPECT_TRUE(reading->warns("source.bad_lines"));
    expect_round_trip(auth0_kind(), *reading, {.passwords = options.passwords}, ".ndjson");
}

TEST(Auth0, ReadsEveryHashOfTheBulkImport) {
    const auto reading = read_all(auth0_kind(), {.paths = {kFixtures + "hashes.json"}});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(reading->records.size(), 15u);
    for (const auto& record : reading->records) {
        EXPECT_EQ(record.origin().codes_size(), 0) << record.origin().DebugString();
        EXPECT_TRUE(fits(record, kPassword)) << record.user_name();
        EXPECT_FALSE(fits(record, "Wrong-Horse-7é")) << record.user_name();
    }
    expect_round_trip(auth0_kind(), *reading, {}, ".json");
}

TEST(Auth0, SaysWhatItCannotKeepOfTheBulkImport) {
    const auto reading = read_all(auth0_kind(), {.paths = {kFixtures + "import.json"}});
    ASSERT_TRUE(reading) << reading.error().message;
    expect_golden(*reading, kFixtures + "import.golden");
}

TEST(Auth0, ReadsTheCsvExport) {
    const auto reading = read_all(auth0_kind(), {.paths = {kFixtures + "users.csv"}, .passwords = kFixtures + "passwords.ndjson"});
    ASSERT_TRUE(reading) << reading.error().message;
    expect_golden(*reading, kFixtures + "users_csv.golden");
    EXPECT_TRUE(fits(reading->records[0], kPassword));
    expect_round_trip(auth0_kind(), *reading, {.passwords = kFixtures + "passwords.ndjson"}, ".csv");
}

TEST(Auth0, ReadsTheSampleOfZitadelTools) {
    const std::string folder = "tests/vectors/migrate/zitadel-tools-auth0/";
    const auto reading = read_all(auth0_kind(), {.paths = {folder + "users.json"}, .passwords = folder + "passwords.json"});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(reading->records.size(), 5u);
    for (const auto& record : reading->records) EXPECT_TRUE(record.password().hash().starts_with("$2b$10$")) << record.source_id();
    EXPECT_FALSE(reading->find("johndoe")->email().address().empty());
    EXPECT_FALSE(reading->records[2].email().has_verified()) << "absent is not false";
}

TEST(Auth0, ARefusedUserHasTheirIdWhenItCanBeRead) {
    const std::string path = ::testing::TempDir() + "/refused.ndjson";
    std::ofstream(path) << R"({"user_id":"auth0|1","email":"a@b.example)"
                           "\n"
                           R"({"user_id":,"email":"carl@b.example"})"
                           "\n"
                           R"({"name":"x"})"
                           "\n";
    const auto reading = read_all(auth0_kind(), {.paths = {path}});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_EQ(reading->refused, (std::map<std::uint64_t, std::string>{{1, "auth0|1"}, {2, ""}, {3, ""}}));
}

}  // namespace
}  // namespace godwit::migration
