#include "migration/inspect/inspection.h"

#include <gtest/gtest.h>

namespace godwit::migration {
namespace {

Inspection look(const char* kind, SourceOptions options) {
    auto source = (*find_source_kind(kind))->open(options);
    EXPECT_TRUE(source) << source.error().message;
    double last = 0;
    auto out = inspect(**source, 3, [&last](double share) { last = share; });
    EXPECT_TRUE(out);
    out->kind = kind;
    return *out;
}

std::uint64_t times(const Tally& tally, std::string_view name) {
    for (const auto& [each, count] : tally.ranked())
        if (each == name) return count;
    return 0;
}

TEST(Inspection, CountsWhatKeycloakExported) {
    const auto seen = look("keycloak", {.paths = {"tests/vectors/migrate/keycloak-26/exp-acme"}});
    EXPECT_EQ(seen.records, 15u);
    EXPECT_EQ(seen.machines, 1u);
    EXPECT_EQ(times(seen.passwords, "keycloak"), 14u);
    EXPECT_EQ(times(seen.factors, "TOTP"), 2u);
    EXPECT_EQ(times(seen.states, "inactive"), 1u);
    EXPECT_EQ(times(seen.links, "google"), 2u);
    EXPECT_EQ(times(seen.grants, "shop: buyer"), 3u);
    EXPECT_EQ(times(seen.groups, "/staff/support"), 4u);
    EXPECT_EQ(times(seen.codes, "machine.secret_lost"), 1u);
    EXPECT_FALSE(seen.bad());
    const std::string text = to_text(seen);
    for (const char* words : {"realm acme", "15  records", "shop: buyer", "identity providers", "machine.secret_lost"})
        EXPECT_NE(text.find(words), std::string::npos) << words << " is not in\n" << text;
    EXPECT_NE(to_json(seen).find(R"("passwords":{"keycloak":14,"none":1})"), std::string::npos) << to_json(seen);
}

TEST(Inspection, SaysWhatFails) {
    const auto seen = look("godwit", {.paths = {"tests/fixtures/migrate/godwit/users.ndjson"}});
    EXPECT_EQ(seen.records, 5u);
    EXPECT_EQ(seen.failed, 2u);
    EXPECT_EQ(seen.partial, 1u);
    EXPECT_TRUE(seen.bad());
    ASSERT_EQ(seen.examples.size(), 2u);
    EXPECT_TRUE(seen.examples.at(4).starts_with("record 4: record.bad_form: ")) << seen.examples.at(4);
    EXPECT_NE(to_text(seen).find("nickname"), std::string::npos);
}

TEST(Inspection, IsNoSuccessWithoutUsers) {
    const auto seen = look("keycloak", {.paths = {"tests/vectors/migrate/keycloak-26/exp-acme/acme-realm.json"}});
    EXPECT_TRUE(seen.bad());
    EXPECT_NE(to_text(seen).find("PROBLEM source.no_users"), std::string::npos);
}

TEST(Inspection, CountsHashesItCouldNotCheck) {
    const auto seen = look("auth0", {.paths = {"tests/fixtures/migrate/auth0/hashes.json"}});
    EXPECT_TRUE(seen.refused_passwords.empty());
    EXPECT_EQ(times(seen.passwords, "bcrypt"), 2u);
    const auto zitadel = look("zitadel", {.paths = {"tests/vectors/migrate/zitadel-export.json"}});
    EXPECT_EQ(times(zitadel.passwords, "not usable"), 1u) << "$foo$x";
    EXPECT_EQ(zitadel.partial, 3u) << "the hash, and two administrators";
}

}  // namespace
}  // namespace godwit::migration
