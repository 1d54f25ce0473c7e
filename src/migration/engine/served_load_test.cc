#include "migration/engine/served_load.h"

#include <optional>
#include <thread>

#include "directory/user/login_names.h"
#include "directory/user/search.h"
#include "migration/engine/run_test_fixture.h"
#include "store/initial_load.h"

namespace godwit::migration {
namespace {

using namespace std::chrono_literals;

class ServedLoadTest : public MigrationTest {
protected:
    static constexpr std::uint64_t kMany = 150;

    void SetUp() override {
        MigrationTest::SetUp();
        loads_.emplace(ServedLoads::Limits{.many = kMany, .slow = 1h, .patience = 10ms});
    }
    /// Small batches at first, so that there are some.
    static v1::JobOptions in_steps() {
        v1::JobOptions out;
        out.set_max_errors(1'000);
        return out;
    }
    static std::vector<std::string> people(int first, int last) {
        std::vector<std::string> lines;
        for (int i = first; i <= last; ++i) {
            const std::string n = std::to_string(i);
            lines.push_back(
                person("s" + n, i % 50 == 0 ? "u7" : "u" + n, R"("email":{"address":"e)" + n + R"(@x.example","verified":true})"));
        }
        return lines;
    }
    bool loading() { return *store::in_initial_load(store()); }
    bool has_index(std::string_view name) {
        const char* const sql =
            on_sqlite() ? "SELECT 1 FROM sqlite_schema WHERE name = ?2" : "SELECT 1 FROM pg_indexes WHERE indexname = ?2 LIMIT 1";
        const auto found = store().read(store::Database::directory,
                                        [&](store::Reader& db) { return db.system_query(sql, {name}, [](const store::Row&) {}); });
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(0) > 0;
    }
    void system(const char* sql) {
        EXPECT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) { return db.system_exec(sql, {}); }));
    }
    /// Runs `during` once, when the load has begun and some hundred records were taken.
    RunEnd load(const JobRow& row, std::function<void()> during, RunHooks hooks = {}) {
        LinesSource source(people(1, 2'000));
        hooks.on_batch = [&](const Checkpoint& checkpoint, std::uint64_t) {
            if (checkpoint.last_record >= 600 && during) std::exchange(during, nullptr)();
        };
        return run(row, source, hooks);
    }
    std::uint64_t found_by(user::Query::Field field, std::string text, store::TextMethod method, user::SortBy sort) {
        const auto found = users_.search(scope(), acme_, user::Query::text_is(field, std::move(text), method), sort, {.ascending = true});
        EXPECT_TRUE(found) << found.error().message;
        return found ? found->total : 0;
    }
    std::optional<UserId> by_login_name(std::string_view name) {
        const auto found =
            store().read(store::Database::directory, [&](store::Reader& db) { return user::resolve_login_name(db, scope(), name); });
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(std::nullopt);
    }
    std::size_t by_email(std::string_view address) {
        const auto found =
            store().read(store::Database::directory, [&](store::Reader& db) { return user::find_by_email(db, scope(), address); });
        EXPECT_TRUE(found) << found.error().message;
        return found ? found->size() : 0;
    }
    /// What whoever uses the server meanwhile sees, of people the job has brought by now.
    void look_and_write() {
        const auto here = static_cast<std::uint64_t>(users());
        using Field = user::Query::Field;
        using store::TextMethod;
        for (const user::SortBy sort :
             {user::SortBy::user_name, user::SortBy::first_name, user::SortBy::last_name, user::SortBy::display_name,
              user::SortBy::nick_name, user::SortBy::email, user::SortBy::unspecified})
            EXPECT_EQ(found_by(Field::first_name, "g", TextMethod::starts_with_ignore_case, sort), here) << static_cast<int>(sort);
        EXPECT_EQ(found_by(Field::user_name, "U31", TextMethod::equals_ignore_case, user::SortBy::user_name), 1);
        EXPECT_EQ(found_by(Field::email, "e31@", TextMethod::starts_with, user::SortBy::email), 1);
        EXPECT_EQ(found_by(Field::email, "e31@x.example", TextMethod::equals, user::SortBy::unspecified), 1);
        EXPECT_TRUE(by_login_name("u31"));
        EXPECT_FALSE(by_login_name("nobody"));
        EXPECT_EQ(by_email("e31@x.example"), 1);
        EXPECT_EQ(error_of(human("U31")), "V3-DKcYh") << "names stay unique";
        add(human("u1901"));  // the job finds this one in its way
    }
};
GODWIT_ON_BOTH_ENGINES(ServedLoadTest);

TEST_P(ServedLoadTest, LooksLikeAnyOtherRunToEverybody) {
    const RunEnd end = load(job(in_steps()), [&] {
        EXPECT_EQ(loading(), on_sqlite());
        look_and_write();
    });
    EXPECT_EQ(end.state, v1::JOB_STATE_DONE);
    EXPECT_EQ(end.checkpoint.counters.records(), 2'000);
    // 40 of the name u7, one who was here before.
    EXPECT_EQ(told(end.checkpoint.counters), "1959 created, 1 skipped, 40 failed");
    EXPECT_FALSE(loading());
    EXPECT_EQ(users(), 1'960);
}

TEST_P(ServedLoadTest, BuildsTheIndexesWhateverEndsTheRun) {
    struct Row {
        const char* what;
        std::function<void(const JobRow&)> act;
        v1::JobState state;
    };
    bool stop = false;
    const Row rows[] = {
        {"stopped", [&](const JobRow&) { stop = true; }, v1::JOB_STATE_WAITING},
        {"paused", [&](const JobRow& row) { EXPECT_TRUE(jobs_.pause(row, scope(), "enough")); }, v1::JOB_STATE_PAUSED},
        {"resumed and cancelled", [&](const JobRow& row) { EXPECT_TRUE(jobs_.cancel(row, scope())); }, v1::JOB_STATE_CANCELLED},
    };
    const JobRow row = job(in_steps());
    for (const auto& [what, act, state] : rows) {
        SCOPED_TRACE(what);
        stop = false;
        std::size_t built = 0;
        LinesSource source(people(1, 6'000));
        const auto first = static_cast<std::uint64_t>(users());
        bool acted = false;
        const RunEnd end = run(row, source,
                               {.stop = [&] { return stop; },
                                .on_batch =
                                    [&](const Checkpoint& checkpoint, std::uint64_t) {
                                        if (acted || checkpoint.counters.created() < first + 1'000) return;
                                        EXPECT_EQ(loading(), on_sqlite());
                                        acted = true;
                                        act(row);
                                    },
                                .on_index = [&](std::size_t, std::size_t) { ++built; }});
        EXPECT_TRUE(acted);
        EXPECT_EQ(end.state, state);
        EXPECT_FALSE(loading());
        EXPECT_EQ(built > 0, on_sqlite());
        if (state == v1::JOB_STATE_PAUSED) {
            EXPECT_TRUE(jobs_.resume(row, scope()));
        }
    }
}

TEST_P(ServedLoadTest, WhoEndsLeavesTheIndexesToTheNextStart) {
    bool ending = false;
    load(job(in_steps()), [&] { ending = true; }, {.stop = [&] { return ending; }, .ending = [&] { return ending; }});
    EXPECT_EQ(loading(), on_sqlite());
    ASSERT_TRUE(store::end_initial_load(store()));
    look_and_write();
}

TEST_P(ServedLoadTest, CountsWhoCameAndNotWhoWasHere) {
    const auto in_part = [](int first, int last) {
        auto lines = people(first, last);
        for (std::string& line : lines) line.insert(line.size() - 1, R"(,"phone":{"number":"none"})");
        return lines;
    };
    bool seen = false;
    const RunHooks look{.on_batch = [&](const Checkpoint&, std::uint64_t) { seen = seen || loading(); }};
    LinesSource fresh(in_part(1, 1'200));
    const RunEnd came = run(job(in_steps()), fresh, look);
    EXPECT_EQ(told(came.checkpoint.counters), "1176 partial, 24 failed");
    EXPECT_EQ(came.checkpoint.brought, 1'176);
    EXPECT_EQ(seen, on_sqlite()) << "who comes in part has come";

    auto merge = in_steps();
    merge.set_on_conflict(v1::ON_CONFLICT_MERGE);
    auto lines = in_part(1, 1'200);
    for (std::string& line : lines) line.insert(line.size() - 1, R"(,"metadata":{"tier":"gold"})");
    LinesSource again(lines);
    seen = false;
    const RunEnd changed = run(job(merge), again, look);
    EXPECT_EQ(changed.checkpoint.brought, 0);
    EXPECT_GE(changed.checkpoint.counters.partial(), 1'176);
    EXPECT_FALSE(seen) << "they were here";
}

TEST_P(ServedLoadTest, KeepsWhatAnotherOfItsKindMatchesBy) {
    v1::JobOptions by_email = in_steps();
    by_email.add_match(v1::MATCH_VERIFIED_EMAIL);
    load(job(by_email), [&] {
        EXPECT_EQ(loading(), on_sqlite());
        EXPECT_TRUE(has_index("users_email"));
        EXPECT_EQ(has_index("users_given"), !on_sqlite());
    });
    EXPECT_FALSE(loading());
}

TEST_P(ServedLoadTest, BuildsWhatAJobBesideItMatchesBy) {
    v1::JobOptions by_email = in_steps();
    by_email.add_match(v1::MATCH_VERIFIED_EMAIL);
    const JobRow beside = job(by_email);
    load(job(in_steps()), [&] {
        EXPECT_EQ(has_index("users_email"), !on_sqlite());
        LinesSource source({person("beside", "someone", R"("email":{"address":"e31@x.example","verified":true})")});
        const RunEnd end = run(beside, source, {.on_batch = [&](const Checkpoint&, std::uint64_t) {
                                   EXPECT_TRUE(has_index("users_email"));
                                   EXPECT_EQ(loading(), on_sqlite()) << "which goes on";
                               }});
        EXPECT_EQ(end.checkpoint.counters.created(), 0) << "they are one";
    });
    EXPECT_FALSE(loading());
}

/// Its rules, with users that are only said to have come.
class ServedLoadRulesTest : public ServedLoadTest {
protected:
    static constexpr std::chrono::seconds kLate = 2h;

    void SetUp() override {
        ServedLoadTest::SetUp();
        load_.emplace(&*loads_, store());
    }
    void consider(std::uint64_t of_job, std::uint64_t of_run, std::chrono::seconds at) {
        load_->consider(of_job, of_run, ServedLoad::Clock::time_point(1h + at));
    }
    std::optional<ServedLoad> load_;
};
GODWIT_ON_BOTH_ENGINES(ServedLoadRulesTest);

TEST_P(ServedLoadRulesTest, ManyWhoComeFast) {
    consider(0, 0, 0s);
    consider(kMany - 1, kMany - 1, 1s);
    EXPECT_FALSE(load_->open()) << "not many yet";
    consider(kMany, kMany, 2s);
    EXPECT_EQ(load_->open(), on_sqlite());
    EXPECT_EQ(loading(), on_sqlite());
    ServedLoad other(&*loads_, store());
    other.consider(0, 0, {});
    other.consider(kMany, kMany, {});
    EXPECT_FALSE(other.open()) << "one at a time";
    load_->end();
    EXPECT_FALSE(loading());
    consider(kMany + 1, kMany + 1, 3s);
    EXPECT_FALSE(load_->open()) << "not again for one more";
}

TEST_P(ServedLoadRulesTest, NotThoseWhoComeSlowly) {
    consider(0, 0, 0s);
    consider(kMany, kMany, 1s);
    consider(kMany + 1, kMany + 1, kLate);
    EXPECT_FALSE(load_->open()) << "it stalled";
    EXPECT_FALSE(loading());
    consider(3 * kMany, 3 * kMany, kLate + 1s);
    EXPECT_EQ(load_->open(), on_sqlite()) << "and went on";
    load_->end();
}

TEST_P(ServedLoadRulesTest, NotALittleOnTopOfMany) {
    consider(100 * kMany, 0, 0s);
    consider(102 * kMany, 2 * kMany, 1s);
    EXPECT_FALSE(load_->open());
    consider(120 * kMany, 20 * kMany, 2s);
    EXPECT_EQ(load_->open(), on_sqlite());
    load_->end();
}

TEST_P(ServedLoadRulesTest, NotBesideUsersOfOthers) {
    std::vector<std::string> lines = people(1, 1'100);
    loads_.reset();
    take(lines);
    loads_.emplace();
    ServedLoad load(&*loads_, store());
    load.consider(20'000, 0, {});
    load.consider(40'000, 20'000, {});
    EXPECT_EQ(load.open(), on_sqlite()) << "they are the job's";
    load.end();
    ServedLoad beside(&*loads_, store());
    beside.consider(0, 0, {});
    beside.consider(10, 10'000, {});
    EXPECT_FALSE(beside.open());
}

/// What only a load shows that has begun: PostgreSQL keeps its indexes.
class ServedLoadOnSqliteTest : public ServedLoadTest {};
INSTANTIATE_TEST_SUITE_P(Sqlite, ServedLoadOnSqliteTest, ::testing::Values("sqlite"));

TEST_P(ServedLoadOnSqliteTest, AnIndexThatCannotBeBuiltFailsNoRun) {
    const RunEnd end = load(job(in_steps()), [&] { system("CREATE TABLE users_given (x INTEGER)"); });
    EXPECT_EQ(end.state, v1::JOB_STATE_DONE) << end.error;
    EXPECT_TRUE(loading());
    system("DROP TABLE users_given");
    while (loading()) std::this_thread::yield();
}

TEST_P(ServedLoadOnSqliteTest, WhatFailedIsTriedAgain) {
    ASSERT_TRUE(*loads_->begin(store()));
    system("CREATE TABLE users_given (x INTEGER)");  // where an index is to be
    loads_->end(store(), {});
    EXPECT_FALSE(*loads_->begin(store())) << "the last has not ended";
    system("DROP TABLE users_given");
    while (loading()) std::this_thread::yield();
    while (!*loads_->begin(store())) std::this_thread::yield();
    loads_->end(store(), {});
    EXPECT_FALSE(loading());
}

TEST_P(ServedLoadOnSqliteTest, StopsBetweenTwoIndexesWhenTheProcessEnds) {
    ASSERT_TRUE(*loads_->begin(store()));
    std::size_t built = 0;
    loads_->end(store(), {.on_index = [&](std::size_t n, std::size_t) { built = n; }, .ending = [&] { return built == 2; }});
    EXPECT_EQ(built, 2);
    EXPECT_TRUE(loading());
    EXPECT_FALSE(*loads_->begin(store())) << "it is the next start's";
    ASSERT_TRUE(store::end_initial_load(store()));
}

TEST_P(ServedLoadOnSqliteTest, EmailsAreLeftOutAgainWhenNobodyMatchesByThem) {
    auto needed = loads_->need_emails(store());
    ASSERT_TRUE(needed);
    ASSERT_TRUE(*loads_->begin(store()));
    EXPECT_TRUE(has_index("users_email"));
    loads_->end(store(), {});
    needed->reset();
    ASSERT_TRUE(*loads_->begin(store()));
    EXPECT_FALSE(has_index("users_email"));
    loads_->end(store(), {});
    EXPECT_TRUE(has_index("users_email"));
}

}  // namespace
}  // namespace godwit::migration
