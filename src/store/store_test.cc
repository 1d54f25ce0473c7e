// What callers may rely on, on both engines.
#include "store/store.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "base/work_limit.h"
#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

constexpr std::string_view kPut =
    "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
constexpr std::string_view kColumns = "instance_no, owner_id, name, value, created_at, changed_at";

class StoreBehaviourTest : public StoreTest {
protected:
    Result<std::int64_t> put(std::int64_t owner, std::string_view name, std::string_view value = "") {
        return store().write(Database::directory, [&](Writer& db) { return db.exec(scope(), kPut, {owner, name, Blob{value}, db.now()}); });
    }
    std::int64_t count(std::string_view table = "metadata", Database database = Database::directory) {
        return *store().read(database, [&](Reader& db) { return count_in(db, table); });
    }
    Result<std::int64_t> count_in(Reader& db, std::string_view table = "metadata") {
        std::int64_t n = 0;
        TRY(db.query(scope(), "SELECT count(*) FROM " + std::string(table) + " WHERE instance_no = ?1", {},
                     [&](const Row& row) { n = row.i64(0); }));
        return n;
    }
};
GODWIT_ON_BOTH_ENGINES(StoreBehaviourTest);

TEST_P(StoreBehaviourTest, KeepsEveryTypeAsItWas) {
    const std::string bytes("\0\1\xff\0tail", 8);
    const std::string text = "Zoë “quoted” 'single' \t 漢字 🦉";
    const std::int64_t large = 0x7fff'ffff'ffff'fff0;
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) {
        return db.exec(scope(),
                       "INSERT INTO jobs (instance_no, id, kind, state, cursor_pos, progress, options, fence, created_at, changed_at) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
                       {large, text, 2, Blob{bytes}, nullptr, Blob{}, -1, Time{5}});
    }));
    int rows = 0;
    const auto read = store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(),
                        "SELECT id, kind, state, cursor_pos, progress, options, fence, created_at FROM jobs WHERE instance_no = ?1", {},
                        [&](const Row& row) {
                            ++rows;
                            EXPECT_EQ(row.i64(0), large);
                            EXPECT_EQ(row.text(1), text);
                            EXPECT_EQ(row.i64(2), 2);
                            EXPECT_EQ(row.blob(3), bytes);
                            EXPECT_TRUE(row.null(4));
                            EXPECT_EQ(row.blob(4), "");
                            EXPECT_FALSE(row.null(5));
                            EXPECT_EQ(row.blob(5), "");
                            EXPECT_EQ(row.i64(6), -1);
                            EXPECT_EQ(row.maybe_time(7), Time{5});
                        });
    });
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, 1);
    EXPECT_EQ(rows, 1);
}

TEST_P(StoreBehaviourTest, ComparesTextByBytes) {
    for (const char* name : {"b", "B", "a", "Ä", "z", "_"}) ASSERT_TRUE(put(1, name));
    std::vector<std::string> order;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT name FROM metadata WHERE instance_no = ?1 ORDER BY name", {},
                        [&](const Row& row) { order.emplace_back(row.text(0)); });
    }));
    EXPECT_THAT(order, ::testing::ElementsAre("B", "_", "a", "b", "z", "Ä"));
}

TEST_P(StoreBehaviourTest, RefusesTextThatIsNone) {
    const struct {
        const char* name;
        std::string text;
    } rows[] = {
        {"NUL", std::string("a\0b", 3)},    {"NUL after eight", std::string("12345678\0", 9)},
        {"a lone continuation", "abc\x80"}, {"a surrogate", "\xed\xa0\x80"},
        {"overlong", "\xc0\xaf"},           {"cut short", "\xf0\x9f\xa6"},
    };
    for (const auto& row : rows) {
        const auto stored = put(1, row.text);
        ASSERT_FALSE(stored) << row.name;
        EXPECT_EQ(stored.error().code, Code::invalid_argument) << row.name;
        std::vector<Value> values;
        for (int i = 0; i < 20; ++i) values.insert(values.end(), {i, row.text, Blob{}, 0, 0});
        const auto bulk =
            store().write(Database::directory, [&](Writer& db) { return db.insert_rows(scope(), "metadata", kColumns, values); });
        ASSERT_FALSE(bulk) << row.name;
        EXPECT_EQ(bulk.error().code, Code::invalid_argument) << row.name;
    }
    EXPECT_EQ(count(), 0);
}

TEST_P(StoreBehaviourTest, AnErrorLeavesNothing) {
    const auto failed = store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.exec(scope(), kPut, {1, "a", Blob{}, db.now()}));
        TRY(db.append(scope(), Event{.aggregate_kind = "user", .aggregate_id = 1, .type = "user.added", .body = "{}"}));
        return fail(Code::failed_precondition, "TEST-1", "not now");
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().id, "TEST-1");
    EXPECT_EQ(count(), 0);
    EXPECT_EQ(count("events"), 0);
}

TEST_P(StoreBehaviourTest, DoesNotBeginWhatNobodyWantsAnyMore) {
    bool gone = true;
    const std::function<bool()> cancelled = [&] { return gone; };
    const auto read = [&] { return store().read(Database::directory, [&](Reader& db) { return count_in(db); }); };
    {
        const WorkLimit limit(std::nullopt, cancelled);
        EXPECT_EQ(put(1, "a").error().code, Code::cancelled);
        EXPECT_EQ(read().error().code, Code::cancelled);
        gone = false;
        EXPECT_TRUE(put(1, "b"));
        const WorkLimit late(std::chrono::steady_clock::now(), cancelled);
        EXPECT_EQ(put(1, "c").error().code, Code::deadline_exceeded);
        EXPECT_EQ(read().error().code, Code::deadline_exceeded);
    }
    EXPECT_EQ(count(), 1);
}

TEST_P(StoreBehaviourTest, TellsTheIndexThatWasViolated) {
    constexpr std::string_view kUser =
        "INSERT INTO users (instance_no, id, org_id, kind, state, created_at, changed_at, name, name_key, public_id, public_id_key) "
        "VALUES (?1, ?2, 1, 1, 1, 0, 0, ?3, ?3, ?4, ?4)";
    const auto add = [&](std::int64_t id, std::string_view name, std::optional<std::string_view> public_id) {
        return store().write(Database::directory, [&](Writer& db) { return db.exec(scope(), kUser, {id, name, public_id}); });
    };
    ASSERT_TRUE(add(1, "anna", "one"));
    ASSERT_TRUE(add(9, "zoe", {}));
    EXPECT_EQ(add(1, "berta", {}).error().id, "unique:users");
    EXPECT_EQ(add(2, "anna", {}).error().id, "unique:users_login_name");
    EXPECT_EQ(add(3, "clara", "one").error().id, "unique:users_public_id");
    EXPECT_EQ(add(3, "clara", "one").error().code, Code::already_exists);
    EXPECT_TRUE(store().write(Database::directory, [&](Writer& db) { return db.exec(other_scope(), kUser, {1, "anna", "one"}); }))
        << "another instance";
}

TEST_P(StoreBehaviourTest, AFailedStatementLosesTheTransaction) {
    ASSERT_TRUE(put(1, "taken"));
    bool later_refused = false;
    const auto result = store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.exec(scope(), kPut, {2, "before", Blob{}, db.now()}));
        (void)db.exec(scope(), kPut, {1, "taken", Blob{}, db.now()});
        const auto later = db.exec(scope(), kPut, {3, "after", Blob{}, db.now()});
        later_refused = !later && later.error().code == Code::already_exists;
        return {};  // the function overlooks it; the store does not
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "unique:metadata");
    EXPECT_TRUE(later_refused);
    EXPECT_EQ(count(), 1);
}

TEST_P(StoreBehaviourTest, AnAttemptUndoesItselfOnly) {
    ASSERT_TRUE(put(1, "taken"));
    const auto done = store().write(Database::directory, [&](Writer& db) -> Result<int> {
        TRY(db.exec(scope(), kPut, {2, "kept", Blob{}, db.now()}));
        const auto failed = db.attempt([&]() -> Result<int> {
            TRY(db.exec(scope(), kPut, {3, "undone", Blob{}, db.now()}));
            EXPECT_TRUE(db.attempt([&]() { return db.exec(scope(), kPut, {4, "undone with the outer one", Blob{}, db.now()}); }));
            TRY(db.exec(scope(), kPut, {1, "taken", Blob{}, db.now()}));
            return 1;
        });
        EXPECT_EQ(failed.error().code, Code::already_exists);
        const auto worked = db.attempt([&]() -> Result<int> {
            TRY(db.exec(scope(), kPut, {5, "kept", Blob{}, db.now()}));
            return 7;
        });
        TRY(db.append(scope(), Event{.aggregate_kind = "user", .aggregate_id = 1, .type = "user.added", .body = "{}"}));
        return *worked + static_cast<int>(TRY(count_in(db)));
    });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(*done, 7 + 3);
    EXPECT_EQ(count(), 3);
    EXPECT_EQ(count("events"), 1);
}

TEST_P(StoreBehaviourTest, ReadsSeeOneSnapshot) {
    ASSERT_TRUE(put(1, "a"));
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) -> Result<void> {
        EXPECT_EQ(*count_in(db), 1);
        EXPECT_TRUE(put(2, "b"));
        EXPECT_EQ(*count_in(db), 1);
        return {};
    }));
    EXPECT_EQ(count(), 2);
}

TEST_P(StoreBehaviourTest, AQueryMayRunInsideAnothersRow) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(put(i, "x"));
    constexpr std::string_view kAll = "SELECT owner_id FROM metadata WHERE instance_no = ?1 ORDER BY owner_id";
    std::vector<std::int64_t> seen;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), kAll, {}, [&](const Row& outer) {
            EXPECT_TRUE(db.query(scope(), kAll, {}, [&](const Row& inner) { seen.push_back(outer.i64(0) * 10 + inner.i64(0)); }));
        });
    }));
    EXPECT_THAT(seen, ::testing::ElementsAre(0, 1, 2, 10, 11, 12, 20, 21, 22));
}

TEST_P(StoreBehaviourTest, WritesManyRowsAtOnce) {
    std::vector<Value> rows;
    std::vector<std::string> names;
    for (int i = 0; i < 2'000; ++i) names.push_back("name " + std::to_string(i));
    for (int i = 0; i < 2'000; ++i)
        rows.insert(rows.end(), {i, names[static_cast<std::size_t>(i)], Blob{std::string_view("\0x", 2)}, 1, 2});
    ASSERT_TRUE(store().write_bulk(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(db.exec(scope(), kPut, {-1, "before", Blob{}, db.now()}));
        TRY(db.insert_rows(scope(), "metadata", kColumns, rows));
        TRY(db.exec(scope(), kPut, {-2, "after", Blob{}, db.now()}));
        return {};
    }));
    EXPECT_EQ(count(), 2'002);
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT owner_id, name FROM metadata WHERE instance_no = ?1 AND owner_id >= 0", {},
                        [&](const Row& row) { EXPECT_EQ(row.text(1), "name " + std::to_string(row.i64(0))); });
    }));

    const auto again =
        store().write_bulk(Database::directory, [&](Writer& db) { return db.insert_rows(scope(), "metadata", kColumns, rows); });
    EXPECT_EQ(again.error().code, Code::already_exists);
    EXPECT_EQ(again.error().id, "unique:metadata");
    EXPECT_EQ(count(), 2'002);
    EXPECT_TRUE(store().write(Database::directory, [&](Writer& db) { return db.insert_rows(scope(), "metadata", kColumns, {}); }));
}

TEST_P(StoreBehaviourTest, ManyRowsThatClashCostTheirAttemptOrTheTransaction) {
    ASSERT_TRUE(put(3, "x"));
    std::vector<Value> clash, more;
    for (int i = 0; i < 20; ++i) {
        clash.insert(clash.end(), {i, "x", Blob{}, 0, 0});
        more.insert(more.end(), {100 + i, "x", Blob{}, 0, 0});
    }
    const auto insert = [&](Writer& db, const std::vector<Value>& rows) { return db.insert_rows(scope(), "metadata", kColumns, rows); };
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
        const auto tried = db.attempt([&]() -> Result<void> {
            TRY(insert(db, more));
            return insert(db, clash);
        });
        EXPECT_EQ(tried.error().code, Code::already_exists);
        return insert(db, more);
    }));
    EXPECT_EQ(count(), 21) << "of the attempt nothing remains";

    // Whoever does not look at one call's answer is told by the next, and by the commit.
    std::vector<Value> others;
    for (int i = 0; i < 2'000; ++i) others.insert(others.end(), {1'000 + i, "x", Blob{}, 0, 0});
    const auto failed = store().write(Database::directory, [&](Writer& db) -> Result<void> {
        (void)insert(db, clash).has_value();
        (void)insert(db, others).has_value();
        EXPECT_EQ(db.exec(scope(), kPut, {-1, "after", Blob{}, db.now()}).error().code, Code::already_exists);
        return {};
    });
    EXPECT_EQ(failed.error().code, Code::already_exists);
    EXPECT_EQ(count(), 21);
    EXPECT_TRUE(put(-1, "the connection is fine"));
}

TEST_P(StoreBehaviourTest, BulkKeepsNullsAndSmallNumbers) {
    const std::vector<Value> rows{7, "a", 1, nullptr, Blob{"options"}, 3, 4};
    std::vector<Value> many;
    for (int i = 0; i < 20; ++i) {
        many.insert(many.end(), rows.begin(), rows.end());
        many[static_cast<std::size_t>(i) * rows.size()] = i;
    }
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) {
        return db.insert_rows(scope(), "jobs", "instance_no, id, kind, state, cursor_pos, options, created_at, changed_at", many);
    }));
    int rows_seen = 0;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT instance_no, state, cursor_pos, options FROM jobs WHERE instance_no = ?1", {},
                        [&](const Row& row) {
                            ++rows_seen;
                            EXPECT_EQ(row.i64(0), 1);
                            EXPECT_EQ(row.i64(1), 1);
                            EXPECT_TRUE(row.null(2));
                            EXPECT_EQ(row.blob(3), "options");
                        });
    }));
    EXPECT_EQ(rows_seen, 20);
}

TEST_P(StoreBehaviourTest, ANullFirstDoesNotSettleTheType) {
    const auto find = [&](std::optional<std::string_view> name, std::optional<std::int64_t> owner) {
        std::int64_t n = -1;
        const auto read = store().read(Database::directory, [&](Reader& db) {
            return db.query(
                scope(),
                "SELECT count(*) FROM metadata WHERE instance_no = ?1 AND name = COALESCE(?2, name) AND owner_id = COALESCE(?3, owner_id)",
                {name, owner}, [&](const Row& row) { n = row.i64(0); });
        });
        EXPECT_TRUE(read);
        return n;
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(put(i, i == 0 ? "a" : "b"));
    EXPECT_EQ(find({}, {}), 3);
    EXPECT_EQ(find("b", {}), 2);
    EXPECT_EQ(find("b", 2), 1);
    EXPECT_EQ(find({}, 0x7fff'ffff'ffff'ffff), 0);
}

TEST_P(StoreBehaviourTest, EventsKeepTheOrderOfCommits) {
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
            std::vector<Event> events;
            for (int part = 0; part <= i % 12; ++part)
                events.push_back({.aggregate_kind = "user", .aggregate_id = i, .type = "user.added", .body = "{}"});
            return db.append(scope(), events);
        }));
    }
    std::vector<std::int64_t> order;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT agg_id FROM events WHERE instance_no = ?1 ORDER BY tx, pos", {},
                        [&](const Row& row) { order.push_back(row.i64(0)); });
    }));
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_GT(order.size(), 100u);
}

TEST_P(StoreBehaviourTest, OneTimeForAWholeTransaction) {
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
        const Time before = db.now();
        clock().advance(std::chrono::seconds(1));
        EXPECT_EQ(db.now(), before);
        return {};
    }));
}

TEST_P(StoreBehaviourTest, IdsNeverRepeatThoughTheClockStepsBack) {
    std::set<std::int64_t> ids;
    std::int64_t last = 0;
    const auto draw = [&] {
        ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
            for (int i = 0; i < 100; ++i) {
                const std::int64_t id = db.new_id();
                EXPECT_TRUE(ids.insert(id).second);
                EXPECT_GT(id, last);
                last = id;
            }
            return {};
        }));
    };
    draw();
    clock().advance(-std::chrono::hours(1));
    draw();
    reopen();
    clock().advance(-std::chrono::hours(1));
    draw();
}

TEST_P(StoreBehaviourTest, KeepsTheTwoDatabasesApart) {
    ASSERT_TRUE(store().write(Database::runtime, [&](Writer& db) {
        return db.append(scope(), Event{.aggregate_kind = "session", .aggregate_id = 1, .type = "session.added", .body = "{}"});
    }));
    EXPECT_EQ(count("events", Database::runtime), 1);
    EXPECT_EQ(count("events", Database::directory), 0);
}

TEST_P(StoreBehaviourTest, EveryConcurrentWriteIsThere) {
    constexpr int kThreads = 8, kEach = 40;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i) EXPECT_TRUE(put(t, "n" + std::to_string(i)));
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count(), kThreads * kEach);
}

TEST_P(StoreBehaviourTest, OnlyOneOfManyClaimsARow) {
    constexpr int kThreads = 8;
    std::atomic<int> won = 0, lost = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            const auto claimed = put(1, "the one");
            ++(claimed ? won : lost);
            if (!claimed) {
                EXPECT_EQ(claimed.error().code, Code::already_exists);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, kThreads - 1);
}

TEST_P(StoreBehaviourTest, AVersionGuardsARaisedCounter) {
    ASSERT_TRUE(put(1, "counter"));
    constexpr int kThreads = 8, kEach = 20;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kEach; ++i) {
                EXPECT_TRUE(store().write(Database::directory, [&](Writer& db) {
                    return db.exec(
                        scope(),
                        "UPDATE metadata SET changed_at = changed_at + 1 WHERE instance_no = ?1 AND owner_id = ?2 AND name = 'counter'",
                        {1});
                }));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    std::int64_t raised = 0;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT changed_at - created_at FROM metadata WHERE instance_no = ?1", {},
                        [&](const Row& row) { raised = row.i64(0); });
    }));
    EXPECT_EQ(raised, kThreads * kEach);
}

TEST_P(StoreBehaviourTest, MoreStatementsThanAConnectionKeeps) {
    ASSERT_TRUE(put(1, "a"));
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 300; ++i) {
            ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
                return db.query(scope(), "SELECT name, " + std::to_string(i) + " FROM metadata WHERE instance_no = ?1", {},
                                [](const Row&) {});
            }));
        }
    }
}

TEST_P(StoreBehaviourTest, SurvivesBadSql) {
    const auto bad =
        store().write(Database::directory, [&](Writer& db) { return db.exec(scope(), "INSERT INTO no_such_table VALUES (?1)", {}); });
    EXPECT_EQ(bad.error().code, Code::internal);
    const auto null = store().write(Database::directory, [&](Writer& db) { return db.exec(scope(), kPut, {1, nullptr, Blob{}, 0}); });
    EXPECT_EQ(null.error().code, Code::internal);
    EXPECT_TRUE(put(1, "fine"));
    EXPECT_TRUE(store().ping());
}

TEST_P(StoreBehaviourTest, DeathOfProgrammingErrors) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto read = [&](std::string_view sql, const RowFn& on_row) {
        (void)store().read(Database::directory, [&](Reader& db) { return db.query(scope(), sql, {}, on_row); });
    };
    ASSERT_TRUE(put(1, "a"));
    EXPECT_DEATH(read("SELECT name FROM metadata", [](const Row&) {}), "must name .1");
    EXPECT_DEATH(read("SELECT name FROM metadata WHERE instance_no = ?1 AND name = ?2", [](const Row&) {}), "number of parameters");
    EXPECT_DEATH(read("SELECT name FROM metadata WHERE instance_no = ?1", [](const Row& row) { (void)row.i64(0); }), "read as");
    EXPECT_DEATH(read("SELECT name FROM metadata WHERE instance_no = ?1", [](const Row& row) { (void)row.text(1); }), "no such column");
}

TEST_P(StoreBehaviourTest, WhatWasWrittenIsThereAfterReopening) {
    ASSERT_TRUE(put(1, "a"));
    reopen();
    EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace godwit::store
