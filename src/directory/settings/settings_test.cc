#include "directory/settings/settings.h"

#include "directory/instance/instances.h"
#include "godwit/settings/v1/settings.pb.h"
#include "store/store_test_fixture.h"

namespace godwit::settings {
namespace {

using store::Database;

class SettingsTest : public store::StoreTest {
protected:
    void SetUp() override {
        instance::Instances instances(store(), {});
        ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) {
            return instances.create(db, {}, {.name = "I", .primary_host = "localhost", .other_hosts = {}});
        }));
    }
    OrgScope instance() const { return {scope(), OrgId{}}; }
    OrgScope org(std::int64_t key) const { return {scope(), OrgId(key)}; }
    static v1::LockoutPolicy lockout(std::uint64_t attempts) {
        v1::LockoutPolicy policy;
        policy.set_max_password_attempts(attempts);
        return policy;
    }
    std::uint64_t attempts(const OrgScope& scope) { return settings_.get<v1::LockoutPolicy>(scope)->value.max_password_attempts(); }

    Settings settings_{store()};
};
GODWIT_ON_BOTH_ENGINES(SettingsTest);

TEST_P(SettingsTest, BeginsWithTheBuiltInValues) {
    const auto complexity = settings_.get<v1::PasswordComplexityPolicy>(org(7));
    ASSERT_TRUE(complexity) << complexity.error().message;
    EXPECT_EQ(complexity->value.min_length(), 8U);
    EXPECT_TRUE(complexity->value.has_symbol());
    EXPECT_EQ(complexity->level, Level::built_in);
    EXPECT_TRUE(complexity->is_default());
    EXPECT_EQ(complexity->stamp.created, clock().now());
    const auto login = settings_.get<v1::LoginPolicy>(scope());
    EXPECT_EQ(login->value.second_factors_size(), 2);
    EXPECT_EQ(login->value.password_check_lifetime(), 864'000);
    EXPECT_EQ(settings_.get<v1::OidcSettings>(scope())->value.access_token_lifetime(), 43'200);
    EXPECT_EQ(attempts(org(7)), 0U);
}

TEST_P(SettingsTest, TheConfigurationReplacesABuiltInValue) {
    v1::OidcSettings built_in, configured;
    fill_default(built_in);
    configured = built_in;
    configured.set_id_token_lifetime(60);
    settings_.replace_built_in(configured);
    EXPECT_EQ(settings_.get<v1::OidcSettings>(scope())->value.id_token_lifetime(), 60);
    EXPECT_EQ(settings_.get<v1::OidcSettings>(scope())->level, Level::built_in);
    EXPECT_FALSE(*settings_.set(instance(), {}, configured)) << "that is what holds already";
    EXPECT_TRUE(*settings_.set(instance(), {}, built_in)) << "a choice like any other";
    EXPECT_EQ(settings_.get<v1::OidcSettings>(scope())->value.id_token_lifetime(), 43'200);
}

TEST_P(SettingsTest, EachLevelReplacesTheOneBelow) {
    ASSERT_TRUE(settings_.set(instance(), {}, lockout(5)));
    EXPECT_EQ(attempts(org(7)), 5U);
    EXPECT_EQ(settings_.get<v1::LockoutPolicy>(org(7))->level, Level::instance);
    EXPECT_TRUE(settings_.get<v1::LockoutPolicy>(org(7))->is_default());

    ASSERT_TRUE(settings_.set(org(7), {}, lockout(3)));
    EXPECT_EQ(attempts(org(7)), 3U);
    EXPECT_FALSE(settings_.get<v1::LockoutPolicy>(org(7))->is_default());
    EXPECT_EQ(attempts(org(8)), 5U) << "another organization";
    EXPECT_EQ(attempts({other_scope(), OrgId(7)}), 0U) << "another instance";

    ASSERT_TRUE(settings_.reset(org(7), {}, v1::LockoutPolicy()));
    EXPECT_EQ(attempts(org(7)), 5U);
    EXPECT_FALSE(*settings_.reset(org(7), {}, v1::LockoutPolicy())) << "had none any more";
}

TEST_P(SettingsTest, SaysWhenNothingChanges) {
    EXPECT_FALSE(*settings_.set(instance(), {}, lockout(0))) << "the built-in value";
    const auto first = settings_.set(org(7), {}, lockout(0));
    ASSERT_TRUE(first && *first) << "an organization may say the same for itself";
    EXPECT_EQ((*first)->sequence, 1);
    EXPECT_TRUE(*settings_.exists(org(7), v1::LockoutPolicy()));
    EXPECT_FALSE(*settings_.exists(instance(), v1::LockoutPolicy()));
    EXPECT_FALSE(*settings_.set(org(7), {}, lockout(0)));
    EXPECT_EQ((*settings_.set(org(7), {}, lockout(1)))->sequence, 2);
}

TEST_P(SettingsTest, ATransactionReadsItsOwnWrites) {
    const auto seen = store().write(Database::directory, [&](store::Writer& db) -> Result<std::uint64_t> {
        TRY(settings_.set(db, org(7), {}, lockout(9)));
        return TRY(read<v1::LockoutPolicy>(db, org(7))).value.max_password_attempts();
    });
    EXPECT_EQ(*seen, 9U);
    EXPECT_EQ(attempts(org(7)), 9U);
}

TEST_P(SettingsTest, WhatWasRolledBackIsNotRemembered) {
    const auto failed = store().write(Database::directory, [&](store::Writer& db) -> Result<void> {
        TRY(settings_.set(db, org(7), {}, lockout(9)));
        (void)settings_.get<v1::LockoutPolicy>(org(7));
        return fail(Code::aborted, "TEST", "on purpose");
    });
    ASSERT_FALSE(failed);
    ASSERT_TRUE(settings_.set(org(8), {}, lockout(1)));  // takes the version number that was rolled back
    EXPECT_EQ(attempts(org(7)), 0U);
}

TEST_P(SettingsTest, TellsTheLog) {
    ASSERT_TRUE(settings_.set(org(7), {}, lockout(3)));
    ASSERT_TRUE(settings_.set(org(7), {}, lockout(4)));
    ASSERT_TRUE(settings_.reset(org(7), {}, v1::LockoutPolicy()));
    std::vector<std::string> events;
    ASSERT_TRUE(store().read(Database::directory, [&](store::Reader& db) {
        return db.query(scope(), "SELECT type FROM events WHERE instance_no = ?1 AND agg_id = 7 ORDER BY tx, pos", {},
                        [&](const store::Row& row) { events.emplace_back(row.text(0)); });
    }));
    EXPECT_EQ(events, (std::vector<std::string>{"org.policy.lockout.added", "org.policy.lockout.changed", "org.policy.lockout.removed"}));
}

}  // namespace
}  // namespace godwit::settings
