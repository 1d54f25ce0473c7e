#include <gtest/gtest.h>

#include <filesystem>

#include "migration/sources/source.h"

namespace godwit::migration {
namespace {

TEST(Sources, AreGuessedByWhatIsInTheFiles) {
    const std::pair<std::string, std::string_view> rows[] = {
        {"tests/fixtures/migrate/godwit/users.ndjson", "godwit"},
        {"tests/fixtures/migrate/keycloak/everything", "keycloak"},
        {"tests/vectors/migrate/keycloak-26/exp-acme", "keycloak"},
        {"tests/vectors/migrate/keycloak-26/exp-acme/acme-realm.json", "keycloak"},
        {"tests/vectors/migrate/zitadel-export.json", "zitadel"},
        {"tests/fixtures/migrate/zitadel/import_snake.json", "zitadel"},
        {"tests/fixtures/migrate/auth0/users.ndjson", "auth0"},
        {"tests/fixtures/migrate/auth0/users.csv", "auth0"},
        {"tests/fixtures/migrate/auth0/hashes.json", "auth0"},
        {"tests/fixtures/migrate/csv/users.csv", "csv"},
        {"tests/fixtures/migrate/csv/standard.tsv", "tsv"},
        {"tests/fixtures/migrate/csv/people.ndjson", "ndjson"},
    };
    for (const auto& [path, name] : rows) {
        const auto kind = guess_source_kind(std::vector{path});
        ASSERT_TRUE(kind) << path << ": " << kind.error().message;
        EXPECT_EQ((*kind)->name, name) << path;
    }
    EXPECT_FALSE(guess_source_kind(std::vector<std::string>{"no/such/file"}));
}

TEST(Sources, HaveAPageEachAndAreFoundByName) {
    for (const SourceKind& kind : source_kinds()) {
        EXPECT_EQ(*find_source_kind(kind.name), &kind);
        const std::string page = kind.name == "tsv" || kind.name == "ndjson" ? "csv" : std::string(kind.name);
        EXPECT_TRUE(std::filesystem::exists("docs/migrate/sources/" + page + ".md")) << kind.name;
    }
    const auto unknown = find_source_kind("okto");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("keycloak"), std::string::npos);
}

TEST(Sources, RefuseFilesTheyHaveNoUseFor) {
    const std::tuple<std::string_view, SourceOptions, std::string_view> rows[] = {
        {"godwit", {.paths = {"tests/fixtures/migrate/godwit/users.ndjson"}, .passwords = "hashes"}, "only to auth0"},
        {"godwit", {.paths = {"tests/fixtures/migrate/godwit/users.ndjson"}, .mapping = "mapping"}, "only to csv, tsv, ndjson"},
        {"keycloak", {.paths = {"tests/fixtures/migrate/keycloak/everything"}, .mapping = "mapping"}, "only to csv, tsv, ndjson"},
        {"csv", {.paths = {"tests/fixtures/migrate/csv/standard.csv"}, .passwords = "hashes"}, "only to auth0"},
    };
    for (const auto& [name, options, what] : rows) {
        const auto opened = open_source(**find_source_kind(name), options);
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().id, "MIGRATE-Kind1") << name;
        EXPECT_NE(opened.error().message.find(what), std::string::npos) << opened.error().message;
    }
}

}  // namespace
}  // namespace godwit::migration
