#include "store/initial_load.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

class InitialLoadTest : public StoreTest {
protected:
    static constexpr std::array<std::string_view, 2> kTables{"metadata", "idp_links"};

    Result<void> link(std::string_view external_id, std::int64_t user) {
        return store().write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(db.exec(scope(),
                        "INSERT INTO idp_links (instance_no, idp_id, external_id, user_id, origin, linked_at) VALUES (?1, 7, ?2, ?3, 1, 0)",
                        {external_id, user}));
            return {};
        });
    }
    Result<void> user(std::int64_t id, std::string_view name) {
        return store().write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(db.exec(scope(),
                        "INSERT INTO users (instance_no, id, org_id, kind, state, created_at, changed_at, name, name_key) "
                        "VALUES (?1, ?2, 1, 1, 1, 0, 0, ?3, ?3)",
                        {id, name}));
            return {};
        });
    }
    std::string links_of(std::int64_t user) {
        std::string out;
        const auto read = store().read(Database::directory, [&](Reader& db) {
            return db.query(scope(), "SELECT external_id FROM idp_links WHERE instance_no = ?1 AND user_id = ?2 ORDER BY external_id",
                            {user}, [&](const Row& row) { out += row.text(0); });
        });
        EXPECT_TRUE(read);
        return out;
    }
    std::int64_t indexes(std::string_view table) {
        std::int64_t count = 0;
        const auto read = store().read(Database::directory, [&](Reader& db) {
            return db.system_query(on_sqlite()
                                       ? "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?2"
                                       : "SELECT COUNT(*) FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid "
                                         "WHERE NOT x.indisprimary AND t.relname = ?2 AND t.relnamespace = current_schema()::regnamespace",
                                   {table}, [&](const Row& row) { count = row.i64(0); });
        });
        EXPECT_TRUE(read) << read.error().message;
        return count;
    }
};
GODWIT_ON_BOTH_ENGINES(InitialLoadTest);

TEST_P(InitialLoadTest, IndexesGoAndComeBackAndRowsAreFoundThroughout) {
    const auto before = indexes("users");
    ASSERT_GT(before, 5);
    constexpr std::array<std::string_view, 2> tables{"users", "idp_links"};
    ASSERT_TRUE(link("a", 1));
    ASSERT_TRUE(begin_initial_load(store(), tables));
    EXPECT_EQ(indexes("users"), 0);
    EXPECT_EQ(indexes("idp_links"), 0);
    EXPECT_TRUE(*in_initial_load(store()));
    ASSERT_TRUE(link("b", 1));
    EXPECT_EQ(links_of(1), "ab");
    ASSERT_TRUE(begin_initial_load(store(), tables)) << "a second time changes nothing";

    std::size_t last = 0, all = 0;
    ASSERT_TRUE(end_initial_load(store(), [&](std::size_t built, std::size_t of) {
        EXPECT_EQ(built, ++last);
        all = of;
    }));
    EXPECT_EQ(last, all);
    EXPECT_EQ(indexes("users"), before);
    EXPECT_EQ(indexes("idp_links"), 1);
    EXPECT_FALSE(*in_initial_load(store()));
    EXPECT_EQ(links_of(1), "ab");
    ASSERT_TRUE(user(1, "same"));
    EXPECT_EQ(user(2, "same").error().id, "unique:users_login_name") << "unique again";
    EXPECT_TRUE(end_initial_load(store())) << "nothing to end";
}

TEST_P(InitialLoadTest, WhatIsNamedGoesAndTheRestStays) {
    const auto before = indexes("users");
    constexpr std::array<std::string_view, 2> names{"users_given", "users_email"};
    ASSERT_TRUE(*begin_initial_load(store(), names));
    EXPECT_EQ(indexes("users"), before - 2);
    ASSERT_TRUE(user(1, "same"));
    EXPECT_EQ(user(2, "same").error().id, "unique:users_login_name");
    EXPECT_FALSE(*begin_initial_load(store(), kTables)) << "one at a time";
    std::size_t built = 0;
    ASSERT_TRUE(end_initial_load(store(), [&](std::size_t n, std::size_t) { built = n; }));
    EXPECT_EQ(built, 2);
    EXPECT_EQ(indexes("users"), before);
}

TEST_P(InitialLoadTest, AnotherStartEndsWhatWasBegun) {
    ASSERT_TRUE(begin_initial_load(store(), kTables));
    ASSERT_TRUE(link("a", 1));
    close();
    reopen();
    EXPECT_TRUE(*in_initial_load(store()));
    ASSERT_TRUE(end_initial_load(store()));
    EXPECT_EQ(indexes("idp_links"), 1);
    EXPECT_EQ(links_of(1), "a");
}

TEST_P(InitialLoadTest, RowsThatAreNotUniqueKeepTheLoadOpenUntilTheyAreGone) {
    constexpr std::array<std::string_view, 1> tables{"users"};
    ASSERT_TRUE(begin_initial_load(store(), tables));
    ASSERT_TRUE(user(1, "same"));
    ASSERT_TRUE(user(2, "same"));
    const auto ended = end_initial_load(store());
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().id, "STORE-Load1");
    EXPECT_NE(ended.error().message.find("users_login_name"), std::string::npos) << ended.error().message;
    EXPECT_TRUE(*in_initial_load(store()));

    ASSERT_TRUE(store().write(Database::directory,
                              [&](Writer& db) { return db.exec(scope(), "DELETE FROM users WHERE instance_no = ?1 AND id = ?2", {2}); }));
    EXPECT_TRUE(end_initial_load(store())) << "once they are gone";
    EXPECT_FALSE(*in_initial_load(store()));
}

TEST_P(InitialLoadTest, ThePlannerKnowsWhatItKnew) {
    if (!on_sqlite()) GTEST_SKIP() << "PostgreSQL gathers its own statistics";
    const auto told = [&] {
        std::string all;
        EXPECT_TRUE(store().read(Database::directory, [&](Reader& db) {
            return db.system_query("SELECT tbl || ' ' || COALESCE(idx, '') || ' ' || stat FROM sqlite_stat1 ORDER BY 1", {},
                                   [&](const Row& row) { all += std::string(row.text(0)) + "\n"; });
        }));
        return all;
    };
    const std::string before = told();
    ASSERT_NE(before.find("users_org_name"), std::string::npos);
    constexpr std::array<std::string_view, 1> tables{"users"};
    ASSERT_TRUE(begin_initial_load(store(), tables));
    ASSERT_TRUE(end_initial_load(store()));
    EXPECT_EQ(told(), before);
}

}  // namespace
}  // namespace godwit::store
