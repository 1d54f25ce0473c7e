// Schema versions on both engines: from each earlier one, on a newer one, and when an upgrade fails.
#include <array>
#include <thread>

#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store_test_fixture.h"
#include "store/testing/private_postgres.h"

namespace godwit::store {
namespace {

using schema::Version;

// `nodes` is the one table that the store itself needs in `directory`.
constexpr std::string_view kFirst =
    "CREATE TABLE nodes (node_no INTEGER NOT NULL, boot_id TEXT NOT NULL, lease_until BIGINT NOT NULL, id_mark BIGINT NOT NULL, PRIMARY "
    "KEY (node_no));"
    "CREATE TABLE things (instance_no INTEGER NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (instance_no, id));";
constexpr std::string_view kSecond = "ALTER TABLE things ADD COLUMN size BIGINT NOT NULL DEFAULT 7;";
constexpr std::string_view kThird = "CREATE UNIQUE INDEX things_name ON things (instance_no, name);";
constexpr std::string_view kBroken = "ALTER TABLE things ADD COLUMN colour TEXT; CREATE INDEX broken ON no_such_table (x);";

class UpgradeTest : public StoreTest {
protected:
    UpgradeTest() {
        close();
        if (on_sqlite()) return;
        postgres_server::run("DROP SCHEMA IF EXISTS " + prefix() + "_directory, " + prefix() + "_runtime CASCADE");
    }

    Result<std::unique_ptr<Store>> open_with(std::span<const Version> versions) {
        static constexpr Version kRuntime[] = {{1, "", 1, 1}};
        if (on_sqlite())
            return sqlite::open({.directory = directory() + "/upgrade"}, clock(),
                                {.directory_versions = versions, .runtime_versions = kRuntime});
        return postgres::open({.connection = postgres_server::connection(), .schema_prefix = prefix()}, clock(),
                              {.directory_versions = versions, .runtime_versions = kRuntime});
    }
    std::string prefix() const { return "up_" + schema_prefix(); }

    Result<void> add(Store& to, std::int64_t id, std::string_view name) {
        return to.write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(db.exec(scope(), "INSERT INTO things (instance_no, id, name) VALUES (?1, ?2, ?3)", {id, name}));
            return {};
        });
    }
};
GODWIT_ON_BOTH_ENGINES(UpgradeTest);

TEST_P(UpgradeTest, ReachesTheLastVersionFromEachEarlierOne) {
    static constexpr std::array<Version, 3> kAll{{{1, kFirst, 1, 1}, {2, kSecond, 1, 1}, {3, kThird, 1, 1}}};
    for (std::size_t start = 1; start <= kAll.size(); ++start) {
        if (on_sqlite()) {
            for (const char* file : {"directory.db", "runtime.db"}) ::remove((directory() + "/upgrade/" + file).c_str());
        } else {
            postgres_server::run("DROP SCHEMA IF EXISTS " + prefix() + "_directory, " + prefix() + "_runtime CASCADE");
        }
        {
            auto old = open_with(std::span(kAll).first(start));
            ASSERT_TRUE(old) << old.error().message;
            ASSERT_TRUE(add(**old, 1, "kept"));
        }
        auto upgraded = open_with(kAll);
        ASSERT_TRUE(upgraded) << start << ": " << upgraded.error().message;
        std::int64_t size = 0;
        ASSERT_TRUE((*upgraded)->read(Database::directory, [&](Reader& db) {
            return db.query(scope(), "SELECT size FROM things WHERE instance_no = ?1 AND name = 'kept'", {},
                            [&](const Row& row) { size = row.i64(0); });
        }));
        EXPECT_EQ(size, 7) << start;
        EXPECT_EQ(add(**upgraded, 2, "kept").error().id, "unique:things_name") << start;
    }
}

// The tables as they are, not as this test makes them up.
TEST_P(UpgradeTest, TakesTheDirectoryOfVersionOneAlongAndLetsItsProgramsWriteOn) {
    const auto all = schema::versions(Database::directory);
    const auto add_user = [&](Store& to, std::int64_t id, std::string_view name) {
        return to.write(Database::directory, [&](Writer& db) {
            return db.exec(scope(),
                           "INSERT INTO users (instance_no, id, org_id, kind, state, created_at, changed_at, name, name_key, given_name) "
                           "VALUES (?1, ?2, 7, 1, 1, 5, 5, ?3, ?3, 'Ann')",
                           {id, name});
        });
    };
    {
        auto first = open_with(all.first(1));
        ASSERT_TRUE(first) << first.error().message;
        ASSERT_TRUE(add_user(**first, 1, "before"));
    }
    {
        auto upgraded = open_with(all);
        ASSERT_TRUE(upgraded) << upgraded.error().message;
        EXPECT_EQ(add_user(**upgraded, 2, "before").error().id, "unique:users_login_name");
    }
    auto first_again = open_with(all.first(1));
    ASSERT_TRUE(first_again) << first_again.error().message;
    ASSERT_TRUE(add_user(**first_again, 3, "after"));
    std::int64_t unfolded = 0;
    ASSERT_TRUE((*first_again)->read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT COUNT(*) FROM users WHERE instance_no = ?1 AND given_name = 'Ann' AND display_key IS NULL", {},
                        [&](const Row& row) { unfolded = row.i64(0); });
    }));
    EXPECT_EQ(unfolded, 2);
}

TEST_P(UpgradeTest, RunsOnANewerSchemaThatAllowsIt) {
    static constexpr Version kNew[] = {{1, kFirst, 1, 1}, {2, kSecond, 1, 1}};
    ASSERT_TRUE(open_with(kNew));
    auto older = open_with(std::span(kNew).first(1));
    ASSERT_TRUE(older) << older.error().message;
    EXPECT_TRUE(add(**older, 1, "written by the older release"));
}

TEST_P(UpgradeTest, RefusesANewerSchemaThatDemandsMore) {
    const struct {
        int min_reader, min_writer;
        std::string_view said;
    } rows[] = {{1, 2, "knows version 2 may write"}, {2, 2, "knows version 2 may read"}};
    for (const auto& row : rows) {
        const Version versions[] = {{1, kFirst, 1, 1}, {2, kSecond, row.min_reader, row.min_writer}};
        if (!on_sqlite()) postgres_server::run("DROP SCHEMA IF EXISTS " + prefix() + "_directory, " + prefix() + "_runtime CASCADE");
        for (const char* file : {"directory.db", "runtime.db"}) ::remove((directory() + "/upgrade/" + file).c_str());
        ASSERT_TRUE(open_with(versions));
        const auto refused = open_with(std::span(versions).first(1));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::failed_precondition);
        EXPECT_NE(refused.error().message.find(row.said), std::string::npos) << refused.error().message;
    }
}

TEST_P(UpgradeTest, AFailedUpgradeLeavesTheOldVersion) {
    static constexpr Version kBad[] = {{1, kFirst, 1, 1}, {2, kBroken, 1, 1}};
    ASSERT_TRUE(open_with(std::span(kBad).first(1)));
    EXPECT_FALSE(open_with(kBad));
    static constexpr Version kGood[] = {{1, kFirst, 1, 1}, {2, "ALTER TABLE things ADD COLUMN colour TEXT", 1, 1}};
    EXPECT_TRUE(open_with(kGood)) << "the column that was half added is not there";
}

TEST_P(UpgradeTest, NodesThatStartTogetherUpgradeOnce) {
    if (on_sqlite()) GTEST_SKIP() << "there is one process";
    static constexpr Version kAll[] = {{1, kFirst, 1, 1}, {2, kSecond, 1, 1}};
    std::vector<std::thread> nodes;
    for (int i = 0; i < 4; ++i) {
        nodes.emplace_back([&] {
            const auto opened = open_with(kAll);
            EXPECT_TRUE(opened) << opened.error().message;
        });
    }
    for (auto& node : nodes) node.join();
}

}  // namespace
}  // namespace godwit::store
