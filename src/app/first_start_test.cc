#include "app/first_start.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/services.h"
#include "store/store_test_fixture.h"

namespace godwit::app {
namespace {

std::string contents(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

mode_t mode_of(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
}

class FirstStartTest : public store::StoreTest {
protected:
    FirstStartTest() : folder_(std::filesystem::temp_directory_path() / ("godwit-first-start-" + std::to_string(::getpid()))) {
        config_.external_secure = false;
        config_.first_instance.pat_path = folder_ / "admin.pat";
        config_.first_instance.login_client_pat_path = folder_ / "login.pat";
        config_.first_instance.machine_key_path = folder_ / "key.json";
    }
    ~FirstStartTest() override { std::filesystem::remove_all(folder_); }

    void SetUp() override {
        // What a first start costs is one password hash; any cost will do here.
        const ServiceSetup setup{.external = {}, .hasher = {.argon2_memory_kib = 64, .argon2_passes = 1}, .verifier = {}, .lifetimes = {}};
        auto built = Services::build(store(), clock(), *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))), setup);
        ASSERT_TRUE(built) << built.error().message;
        services_ = *std::move(built);
    }
    std::vector<std::string> roles_of(std::string_view login_name) {
        const auto user = services_->users.find_by_login_name(scope(), login_name);
        if (!user || !*user) return {"(no such user)"};
        std::vector<std::string> roles;
        const auto memberships = services_->members.memberships_of(scope(), (*user)->id);
        for (const auto& membership : **memberships) roles.insert(roles.end(), membership.roles.begin(), membership.roles.end());
        return roles;
    }
    UserId owner_of(const std::string& path) {
        std::string token = contents(folder_ / path);
        EXPECT_TRUE(token.ends_with('\n'));
        token.pop_back();
        const auto owner = services_->machines.find_pat(scope(), token);
        return owner && *owner ? (*owner)->user : UserId{};
    }

    const std::filesystem::path folder_;
    config::Config config_;
    std::unique_ptr<Services> services_;
};
GODWIT_ON_BOTH_ENGINES(FirstStartTest);

TEST_P(FirstStartTest, MakesAnInstanceToSignInTo) {
    const auto greeting = first_start(*services_, config_);
    ASSERT_TRUE(greeting) << greeting.error().message;
    EXPECT_NE(greeting->find("zitadel-admin@zitadel.localhost"), std::string::npos);
    EXPECT_NE(greeting->find("password"), std::string::npos);

    const auto instance = services_->instances.get(scope());
    ASSERT_TRUE(instance);
    EXPECT_EQ(instance->state, instance::State::running);
    const auto org = services_->orgs.get(OrgScope(scope(), instance->default_org));
    EXPECT_EQ(org->name, "ZITADEL");
    EXPECT_EQ(org->primary_domain, "zitadel.localhost");
    for (const char* host : {"localhost", "127.0.0.1", "[::1]"}) EXPECT_TRUE(*services_->instances.find_by_host(host)) << host;
    EXPECT_TRUE(services_->signing_keys.active(scope()));
    const auto console = services_->apps.find(scope(), instance->console);
    ASSERT_TRUE(console && *console);
    EXPECT_EQ((*console)->oidc()->redirect_uris.front(), "http://localhost:8080/ui/console/auth/callback");

    EXPECT_EQ(roles_of("zitadel-admin@zitadel.localhost"), std::vector<std::string>{"IAM_OWNER"});
    EXPECT_EQ(roles_of("zitadel-admin-sa"), std::vector<std::string>{"IAM_OWNER"});
    EXPECT_EQ(roles_of("login-client"), std::vector<std::string>{"IAM_LOGIN_CLIENT"});
    for (const char* file : {"admin.pat", "login.pat", "key.json"}) EXPECT_EQ(mode_of(folder_ / file), 0600U) << file;
    EXPECT_TRUE(owner_of("admin.pat"));
    EXPECT_TRUE(owner_of("login.pat"));
    EXPECT_NE(contents(folder_ / "key.json").find("serviceaccount"), std::string::npos);
}

TEST_P(FirstStartTest, ChangesNothingLater) {
    ASSERT_TRUE(first_start(*services_, config_));
    const std::string token = contents(folder_ / "admin.pat");
    config_.first_instance.instance_name = "Another";
    config_.first_instance.org.human.user_name = "somebody";
    const auto again = first_start(*services_, config_);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, "");
    EXPECT_EQ(contents(folder_ / "admin.pat"), token);
    EXPECT_EQ(services_->instances.all()->size(), 1U);
    EXPECT_EQ(services_->instances.get(scope())->name, "ZITADEL");
    EXPECT_EQ(roles_of("somebody@zitadel.localhost"), std::vector<std::string>{"(no such user)"});
}

TEST_P(FirstStartTest, GoesOnWhereItWasInterrupted) {
    config_.first_instance.login_client_pat_path = "/proc/no/such/place";  // stops it between the users
    EXPECT_EQ(first_start(*services_, config_).error().id, "APP-Fil01");
    EXPECT_EQ(services_->instances.get(scope())->state, instance::State::creating);

    config_.first_instance.login_client_pat_path = folder_ / "login.pat";
    const auto second = first_start(*services_, config_);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE(second->find("password"), std::string::npos) << "the first one was never told";
    EXPECT_EQ(services_->instances.get(scope())->state, instance::State::running);
    EXPECT_EQ(services_->instances.all()->size(), 1U);
    EXPECT_TRUE(owner_of("admin.pat"));
    EXPECT_TRUE(owner_of("login.pat"));
    EXPECT_EQ(roles_of("zitadel-admin@zitadel.localhost"), std::vector<std::string>{"IAM_OWNER"});
}

TEST_P(FirstStartTest, TakesThePoliciesOfTheConfiguration) {
    config_.default_instance.max_password_attempts = 5;
    config_.first_instance.org.human.password = Secret("Given-Passw0rd!");
    const auto greeting = first_start(*services_, config_);
    ASSERT_TRUE(greeting) << greeting.error().message;
    EXPECT_EQ(greeting->find("Given-Passw0rd!"), std::string::npos);
    std::int64_t rows = 0;
    ASSERT_TRUE(store().read(store::Database::directory, [&](store::Reader& db) {
        return db.query(scope(), "SELECT type FROM settings WHERE instance_no = ?1", {}, [&](const store::Row& row) {
            ++rows;
            EXPECT_EQ(row.text(0), "lockout_policy");
        });
    }));
    EXPECT_EQ(rows, 1) << "only what differs from the built-in values";
}

TEST_P(FirstStartTest, CanBeSkipped) {
    config_.first_instance.skip = true;
    EXPECT_EQ(*first_start(*services_, config_), "");
    EXPECT_TRUE(services_->instances.all()->empty());
}

}  // namespace
}  // namespace godwit::app
