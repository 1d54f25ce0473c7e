#include "directory/instance/instances.h"

#include "store/store_test_fixture.h"

namespace godwit::instance {
namespace {

using store::Database;

TEST(CanonicalHost, IsOneFormForEachHost) {
    struct Row {
        const char* given;
        const char* expected;  // nullptr: refused
    };
    constexpr Row kRows[] = {
        {"localhost", "localhost"},
        {"LOCALHOST:8080", "localhost"},
        {"id.example.com.", "id.example.com"},
        {"B\xc3\xbc"
         "cher.example:443",
         "xn--bcher-kva.example"},
        {"127.0.0.1:8080", "127.0.0.1"},
        {"[::1]:8080", "[::1]"},
        {"[FE80::1]", "[fe80::1]"},
        {"", nullptr},
        {"[::1", nullptr},
        {"[::1]x", nullptr},
        {"host:port", nullptr},
        {"a b", nullptr},
        {"host:99999", nullptr},
    };
    for (const auto& row : kRows) {
        const auto host = canonical_host(row.given);
        EXPECT_EQ(host.value_or("(refused)"), row.expected ? row.expected : "(refused)") << row.given;
    }
}

TEST(External, LeavesTheSchemesOwnPortOut) {
    EXPECT_EQ((External{.secure = true, .port = 443}.origin("id.example.com")), "https://id.example.com");
    EXPECT_EQ((External{.secure = false, .port = 8080}.origin("localhost")), "http://localhost:8080");
    EXPECT_EQ((External{.secure = true, .port = 80}.origin("a")), "https://a:80");
}

class InstancesTest : public store::StoreTest {
protected:
    Result<Instance> create(const NewInstance& wanted) {
        return store().write(Database::directory, [&](store::Writer& db) { return instances_.create(db, {}, wanted); });
    }
    Instances instances_{store(), External{.secure = false, .port = 8080}};
};
GODWIT_ON_BOTH_ENGINES(InstancesTest);

TEST_P(InstancesTest, IsFoundByEachOfItsHosts) {
    const auto made = create({.name = "One", .primary_host = "ID.example.com", .other_hosts = {"127.0.0.1", "[::1]"}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->primary_host(), "id.example.com");
    EXPECT_EQ(made->state, State::creating);
    for (const char* host : {"id.example.com", "ID.EXAMPLE.COM:8080", "127.0.0.1:8080", "[::1]:8080"}) {
        const auto found = instances_.find_by_host(host);
        ASSERT_TRUE(found && *found) << host;
        EXPECT_EQ((*found)->scope.no(), made->no);
        EXPECT_EQ((*found)->id, made->id);
    }
    EXPECT_EQ(instances_.find_by_host("127.0.0.1")->value().issuer, "http://127.0.0.1:8080");
    EXPECT_FALSE(*instances_.find_by_host("other.example.com"));
    EXPECT_FALSE(*instances_.find_by_host(""));
}

TEST_P(InstancesTest, TrustedDomainsAreNoIssuers) {
    const auto made = create({.name = "One", .primary_host = "id.example.com", .other_hosts = {}});
    ASSERT_TRUE(made);
    ASSERT_FALSE(*instances_.find_by_host("login.example.com"));
    ASSERT_TRUE(instances_.add_host(made->scope(), {}, "login.example.com", HostKind::trusted));
    const auto found = instances_.find_by_host("login.example.com");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->issuer, "http://id.example.com:8080");
    ASSERT_TRUE(instances_.remove_host(made->scope(), {}, "login.example.com"));
    EXPECT_FALSE(*instances_.find_by_host("login.example.com"));
    EXPECT_EQ(instances_.remove_host(made->scope(), {}, "id.example.com").error().code, Code::failed_precondition);
}

TEST_P(InstancesTest, AHostBelongsToOneInstance) {
    const auto one = create({.name = "One", .primary_host = "one.example.com", .other_hosts = {}});
    const auto two = create({.name = "Two", .primary_host = "two.example.com", .other_hosts = {}});
    ASSERT_TRUE(one && two);
    EXPECT_NE(one->no, two->no);
    EXPECT_EQ(instances_.add_host(two->scope(), {}, "One.example.com", HostKind::custom).error().id, "V3-DKcYh");
    EXPECT_EQ(create({.name = "Three", .primary_host = "two.example.com", .other_hosts = {}}).error().id, "V3-DKcYh");
    EXPECT_EQ(create({.name = "Three", .primary_host = "a b", .other_hosts = {}}).error().code, Code::invalid_argument);
    EXPECT_EQ(instances_.all()->size(), 2U);
}

TEST_P(InstancesTest, RunsWhenItsFirstStartIsThrough) {
    const auto made = create({.name = "One", .primary_host = "id.example.com", .other_hosts = {}});
    ASSERT_TRUE(made && instances_.set_running(made->scope()));
    EXPECT_EQ(instances_.get(made->scope())->state, State::running);
}

TEST_P(InstancesTest, EveryConfigurationChangeRaisesTheVersion) {
    const auto made = create({.name = "One", .primary_host = "id.example.com", .other_hosts = {}});
    ASSERT_TRUE(made);
    const auto version = [&] {
        return *store().read(Database::directory, [&](store::Reader& db) { return config_version(db, made->scope()); });
    };
    const auto before = version();
    ASSERT_TRUE(instances_.add_host(made->scope(), {}, "x.example.com", HostKind::custom));
    EXPECT_GT(version(), before);
}

}  // namespace
}  // namespace godwit::instance
