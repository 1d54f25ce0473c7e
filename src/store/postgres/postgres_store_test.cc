// What only PostgreSQL does: connections that break, servers that restart, transactions that collide, nodes that share.
#include "store/postgres/postgres_store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <latch>
#include <set>
#include <thread>

#include "base/work_limit.h"
#include "store/postgres/sole_use.h"
#include "store/store_test_fixture.h"
#include "store/testing/private_postgres.h"

namespace godwit::store::postgres {
namespace {

constexpr std::string_view kPut =
    "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, 0, 0)";

class PostgresStoreTest : public StoreTest {
protected:
    Result<std::int64_t> put(std::int64_t owner, std::string_view name) {
        return store().write(Database::directory, [&](Writer& db) { return db.exec(scope(), kPut, {owner, name, Blob{}}); });
    }
    Result<std::int64_t> count() {
        return store().read(Database::directory, [&](Reader& db) -> Result<std::int64_t> {
            std::int64_t n = 0;
            TRY(db.query(scope(), "SELECT count(*) FROM metadata WHERE instance_no = ?1", {}, [&](const Row& row) { n = row.i64(0); }));
            return n;
        });
    }
    void cut_connections() {
        postgres_server::run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'godwit'");
    }
};
INSTANTIATE_TEST_SUITE_P(Engine, PostgresStoreTest, ::testing::Values("postgres"));

TEST_P(PostgresStoreTest, DoesNotNoticeThatIdleConnectionsWereCut) {
    ASSERT_TRUE(put(1, "before"));
    ASSERT_EQ(count(), 1);
    cut_connections();
    EXPECT_TRUE(put(2, "after"));
    cut_connections();
    EXPECT_EQ(count(), 2);
}

TEST_P(PostgresStoreTest, RunsAgainWhatWasCutInTheMiddle) {
    int runs = 0;
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.exec(scope(), kPut, {1, "one", Blob{}}));
        if (++runs == 1) cut_connections();
        TRY(db.exec(scope(), kPut, {2, "two", Blob{}}));
        return {};
    }));
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(count(), 2);
}

TEST_P(PostgresStoreTest, ComesBackWithTheServer) {
    if (!postgres_server::is_ours()) GTEST_SKIP() << "the server is not ours to stop";
    ASSERT_TRUE(put(1, "before"));
    postgres_server::stop();
    const auto down = put(2, "meanwhile");
    ASSERT_FALSE(down);
    EXPECT_EQ(down.error().code, Code::unavailable);
    EXPECT_EQ(store().ping().error().code, Code::unavailable);
    EXPECT_EQ(count().error().code, Code::unavailable);
    postgres_server::start();
    EXPECT_TRUE(put(3, "after"));
    EXPECT_EQ(count(), 2);
    postgres_server::restart();
    EXPECT_TRUE(store().ping());
}

TEST_P(PostgresStoreTest, RunsADeadlockedTransactionAgain) {
    ASSERT_TRUE(put(1, "x"));
    ASSERT_TRUE(put(2, "x"));
    constexpr std::string_view kTouch = "UPDATE metadata SET changed_at = changed_at + 1 WHERE instance_no = ?1 AND owner_id = ?2";
    std::latch both_hold_one(2);
    std::atomic<int> runs = 0;
    const auto touch = [&](int first, int second) {
        bool met = false;
        EXPECT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
            ++runs;
            TRY(db.exec(scope(), kTouch, {first}));
            if (!std::exchange(met, true)) both_hold_one.arrive_and_wait();
            TRY(db.exec(scope(), kTouch, {second}));
            return {};
        }));
    };
    std::thread other([&] { touch(1, 2); });
    touch(2, 1);
    other.join();
    EXPECT_GE(runs, 3) << "the server may choose a victim more than once";
}

TEST_P(PostgresStoreTest, RunsAgainWhatWasRefusedForSerialization) {
    const auto refused_until = [&](int success) {
        int runs = 0;
        const auto done = store().write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(db.exec(scope(), kPut, {1, "once", Blob{}}));
            if (++runs == success) return {};
            TRY(db.system_exec("DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END $$", {}));
            return {};
        });
        return std::pair(done, runs);
    };
    const auto [never, tries] = refused_until(0);
    ASSERT_FALSE(never);
    EXPECT_EQ(never.error().id, "STORE-conflict");
    EXPECT_EQ(never.error().code, Code::unavailable);
    EXPECT_GT(tries, 3);
    EXPECT_EQ(count(), 0);
    const auto [done, runs] = refused_until(3);
    EXPECT_TRUE(done);
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(count(), 1);
}

TEST_P(PostgresStoreTest, EndsAStatementThatTakesTooLong) {
    const auto slow = store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.system_exec("SET LOCAL statement_timeout = '20ms'", {}));
        TRY(db.system_query("SELECT 1 FROM pg_sleep(60)", {}, [](const Row&) {}));
        return {};
    });
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().code, Code::unavailable);
    EXPECT_EQ(slow.error().id, "STORE-deadline");
    EXPECT_TRUE(put(1, "the connection is fine"));
}

class UnwantedWorkTest : public PostgresStoreTest {
protected:
    Result<std::int64_t> sleeping() {
        return store().read(Database::runtime, [](Reader& db) {
            return db.system_query(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep(60)%'", {},
                [](const Row&) {});
        });
    }
    Result<std::int64_t> sleep_in_read() {
        return store().read(Database::directory,
                            [](Reader& db) { return db.system_query("SELECT 1 FROM pg_sleep(60)", {}, [](const Row&) {}); });
    }
    Result<std::int64_t> sleep_in_write() {
        return store().write(Database::directory, [&](Writer& db) -> Result<std::int64_t> {
            TRY(db.exec(scope(), kPut, {1, "left behind", Blob{}}));
            return db.system_query("SELECT 1 FROM pg_sleep(60)", {}, [](const Row&) {});
        });
    }
    const std::function<bool()> never_ = [] { return false; };
};
INSTANTIATE_TEST_SUITE_P(Engine, UnwantedWorkTest, ::testing::Values("postgres"));

TEST_P(UnwantedWorkTest, IsCancelledAtItsDeadline) {
    for (const auto& work : {std::function([&] { return sleep_in_read(); }), std::function([&] { return sleep_in_write(); })}) {
        const auto late = [&] {
            const WorkLimit limit(std::chrono::steady_clock::now() + std::chrono::milliseconds(100), never_);
            return work();
        }();
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().code, Code::deadline_exceeded);
        EXPECT_EQ(sleeping(), 0);
    }
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(put(1, "the connection is fine"));
}

TEST_P(UnwantedWorkTest, IsCancelledWhenTheClientGoes) {
    for (const auto& work : {std::function([&] { return sleep_in_read(); }), std::function([&] { return sleep_in_write(); })}) {
        int asked = 0;
        const std::function<bool()> goes = [&] { return ++asked > 3; };
        const auto left = [&] {
            const WorkLimit limit(std::nullopt, goes);
            return work();
        }();
        ASSERT_FALSE(left);
        EXPECT_EQ(left.error().code, Code::cancelled);
        EXPECT_EQ(sleeping(), 0);
    }
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(put(1, "the connection is fine"));
}

TEST_P(UnwantedWorkTest, EndsACopyThatWaitsForALock) {
    std::latch held(1), release(1);
    std::thread holder([&] {
        EXPECT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(db.system_exec("LOCK TABLE metadata IN EXCLUSIVE MODE", {}));
            held.count_down();
            release.wait();
            return {};
        }));
    });
    held.wait();
    std::vector<Value> rows;
    for (int i = 0; i < 100; ++i) rows.insert(rows.end(), {i, "x", Blob{}, 0, 0});
    const std::vector<Value> more{100, "x", Blob{}, 0, 0};
    const auto insert = [&] {
        return store().write(Database::directory, [&](Writer& db) -> Result<void> {
            constexpr std::string_view kColumns = "instance_no, owner_id, name, value, created_at, changed_at";
            TRY(db.insert_rows(scope(), "metadata", kColumns, rows));
            return db.insert_rows(scope(), "metadata", kColumns, more);
        });
    };
    const auto is_late = [&] {
        const WorkLimit limit(std::chrono::steady_clock::now() + std::chrono::milliseconds(100), never_);
        const auto late = insert();
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().code, Code::deadline_exceeded);
    };
    is_late();
    // More than is held in memory for the server: the statement after it waits.
    const std::string large(1 << 16, 'x');
    for (std::size_t i = 2; i < rows.size(); i += 5) rows[i] = Blob{large};
    is_late();
    release.count_down();
    holder.join();
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(insert());
}

TEST_P(UnwantedWorkTest, ItsCommitIsWaitedFor) {
    // A deferred trigger makes the COMMIT itself take long.
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.system_exec("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$",
                           {}));
        TRY(db.system_exec(
            "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON metadata DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
            {}));
        return {};
    }));
    const WorkLimit limit(std::chrono::steady_clock::now() + std::chrono::milliseconds(100), never_);
    EXPECT_TRUE(put(1, "kept"));
    std::thread([&] {  // without a limit
        EXPECT_EQ(count(), 1);
        EXPECT_TRUE(store().write(Database::directory, [](Writer& db) { return db.system_exec("DROP FUNCTION slow() CASCADE", {}); }));
    })
        .join();
}

TEST_P(PostgresStoreTest, KeepsTheTimeOutsOfTheOperator) {
    const auto of = [&](const std::string& options) {
        auto own = open_postgres({.connection = postgres_server::connection() + options, .schema_prefix = schema_prefix()}, clock());
        std::string found = "?";
        EXPECT_TRUE((*own)->read(Database::directory, [&](Reader& db) {
            return db.system_query("SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')", {},
                                   [&](const Row& row) { found = row.text(0); });
        }));
        return found;
    };
    EXPECT_EQ(of(""), "30s 10s");
    EXPECT_EQ(of(" options='-c statement_timeout=7s'"), "7s 10s");
}

// Events are queued and travel with the COMMIT: that is where their failure shows.
TEST_P(PostgresStoreTest, AFailureThatShowsAtTheCommitLeavesTheConnectionFree) {
    for (int i = 0; i < 10; ++i) {
        const auto refused = store().write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(
                db.system_exec("CREATE OR REPLACE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                               "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$",
                               {}));
            TRY(db.system_exec("CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()", {}));
            TRY(db.exec(scope(), kPut, {1, "x", Blob{}}));
            return db.append(scope(), Event{.aggregate_kind = "user", .aggregate_id = 1, .type = "user.added", .body = "{}"});
        });
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().id, "STORE-full");
        EXPECT_EQ(count(), 0);
    }
    EXPECT_TRUE(put(1, "after"));
}

TEST_P(PostgresStoreTest, RefusesToWriteOnAStandby) {
    const auto refused = store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.system_exec("SET TRANSACTION READ ONLY", {}));
        TRY(db.exec(scope(), kPut, {1, "x", Blob{}}));
        return {};
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().id, "STORE-readonly");
}

TEST_P(PostgresStoreTest, WaitersShareFewConnections) {
    auto narrow =
        open_postgres({.connection = postgres_server::connection(), .schema_prefix = schema_prefix(), .max_connections = 2}, clock());
    ASSERT_TRUE(narrow);
    std::vector<std::thread> threads;
    for (int t = 0; t < 12; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 10; ++i) {
                const std::string name = std::to_string(i);
                const auto fn = [&](Writer& db) { return db.exec(scope(), kPut, {t, name, Blob{}}); };
                EXPECT_TRUE(t % 3 == 0 ? (*narrow)->write_bulk(Database::directory, fn) : (*narrow)->write(Database::directory, fn));
                EXPECT_TRUE((*narrow)->read(Database::runtime, [&](Reader& db) {
                    return db.system_query("SELECT version FROM schema_state", {}, [](const Row&) {});
                }));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count(), 120);
}

TEST_P(PostgresStoreTest, AnalysesATableThatGrows) {
    const auto known = [&] {
        std::int64_t rows = -2;
        EXPECT_TRUE(store().read(Database::directory, [&](Reader& db) {
            return db.system_query("SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = to_regclass('metadata')", {},
                                   [&](const Row& row) { rows = row.i64(0); });
        }));
        return rows;
    };
    const auto fill = [&](std::int64_t from, std::int64_t to) {
        std::vector<Value> rows;
        for (std::int64_t i = from; i < to; ++i) rows.insert(rows.end(), {i, "k", Blob{"v"}, clock().now(), clock().now()});
        ASSERT_TRUE(store().write_bulk(Database::directory, [&](Writer& db) {
            return db.insert_rows(scope(), "metadata", "instance_no, owner_id, name, value, created_at, changed_at", rows);
        }));
    };
    ASSERT_TRUE(store().write(Database::directory,
                              [&](Writer& db) { return db.system_exec("ALTER TABLE metadata SET (autovacuum_enabled = false)", {}); }));
    fill(1, 5'000);
    EXPECT_EQ(known(), -1) << "nobody has looked";
    fill(5'000, 5'002);
    fill(5'002, 5'100);
    EXPECT_GE(known(), 5'000);
}

TEST_P(PostgresStoreTest, NodesNeverMakeTheSameId) {
    std::vector<std::unique_ptr<Store>> nodes;
    for (int i = 0; i < 3; ++i) nodes.push_back(*open());
    std::set<std::int64_t> ids;
    for (int round = 0; round < 50; ++round) {
        for (const auto& node : nodes) {
            ASSERT_TRUE(node->write(Database::runtime, [&](Writer& db) -> Result<void> {
                EXPECT_TRUE(ids.insert(db.new_id()).second);
                return {};
            }));
        }
    }
    std::vector<std::int64_t> numbers;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.system_query("SELECT node_no FROM nodes WHERE lease_until > 0 ORDER BY node_no", {},
                               [&](const Row& row) { numbers.push_back(row.i64(0)); });
    }));
    EXPECT_THAT(numbers, ::testing::ElementsAre(0, 1, 2, 3));
    nodes.erase(nodes.begin());  // number 1 is free again
    nodes.push_back(*open());
    numbers.clear();
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.system_query("SELECT node_no FROM nodes WHERE lease_until > 0 ORDER BY node_no", {},
                               [&](const Row& row) { numbers.push_back(row.i64(0)); });
    }));
    EXPECT_THAT(numbers, ::testing::ElementsAre(0, 1, 2, 3));
}

TEST_P(PostgresStoreTest, WhoHasTheDatabasesAloneIsJoinedByNobody) {
    const PostgresOptions options{.connection = postgres_server::connection(), .schema_prefix = schema_prefix()};
    const auto lease = [&](std::string_view set) {
        return store().write(Database::directory,
                             [&](Writer& db) { return db.system_exec("UPDATE nodes SET " + std::string(set) + " WHERE node_no = 1", {}); });
    };
    {
        const auto other = *open();
        EXPECT_FALSE(*SoleUse::try_take(options)) << "two have it open";
        ASSERT_TRUE(lease("lease_until = 1"));
        ASSERT_TRUE(*SoleUse::try_take(options)) << "one of which has not been heard of";
        ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) -> Result<void> {
            EXPECT_EQ(TRY(db.system_query("SELECT 1 FROM nodes WHERE node_no = 1 AND boot_id = ''", {}, [](const Row&) {})), 1)
                << "it has to join anew";
            return {};
        }));
    }
    auto alone = *SoleUse::try_take(options);
    ASSERT_TRUE(alone);
    EXPECT_FALSE(*SoleUse::try_take(options));
    EXPECT_TRUE(put(1, "x")) << "whoever has it open works on";
    const auto in_vain =
        open_postgres({.connection = options.connection + " options='-c lock_timeout=5ms'", .schema_prefix = schema_prefix()}, clock());
    ASSERT_FALSE(in_vain);
    EXPECT_EQ(in_vain.error().id, "STORE-sole-use");
    auto joining = std::async(std::launch::async, [&] { return open(); });
    alone.reset();
    const auto joined = joining.get();
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_FALSE(*SoleUse::try_take(options));
}

TEST_P(PostgresStoreTest, SaysWhatIsWrongWithItsOptions) {
    EXPECT_EQ(open_postgres({.connection = "host=/nonexistent", .schema_prefix = "x"}, clock()).error().code, Code::unavailable);
    EXPECT_EQ(open_postgres({.connection = postgres_server::connection(), .schema_prefix = "x; DROP"}, clock()).error().code,
              Code::invalid_argument);
}

}  // namespace
}  // namespace godwit::store::postgres
