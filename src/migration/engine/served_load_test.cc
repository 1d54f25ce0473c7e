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

TEST_P(ServedLoadTest, IsNotForWhoNeedsWhatWouldBeMissing) {
    v1::JobOptions by_email = in_steps();
    by_email.add_match(v1::MATCH_VERIFIED_EMAIL);
    load(job(by_email), [&] { EXPECT_FALSE(loading()) << "matched by e-mail address"; });
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
    Result<void> consider(std::uint64_t of_job, std::uint64_t of_run, std::chrono::seconds at) {
        return load_->consider(of_job, of_run, ServedLoad::Clock::time_point(1h + at), {});
    }
    std::optional<ServedLoad> load_;
};
GODWIT_ON_BOTH_ENGINES(ServedLoadRulesTest);

TEST_P(ServedLoadRulesTest, ManyWhoComeFast) {
    ASSERT_TRUE(consider(0, 0, 0s));
    ASSERT_TRUE(consider(kMany - 1, kMany - 1, 1s));
    EXPECT_FALSE(load_->open()) << "not many yet";
    ASSERT_TRUE(consider(kMany, kMany, 2s));
    EXPECT_EQ(load_->open(), on_sqlite());
    EXPECT_EQ(loading(), on_sqlite());
    ServedLoad other(&*loads_, store());
    ASSERT_TRUE(other.consider(0, 0, {}, {}));
    ASSERT_TRUE(other.consider(kMany, kMany, {}, {}));
    EXPECT_FALSE(other.open()) << "one at a time";
    ASSERT_TRUE(load_->end({}));
    EXPECT_FALSE(loading());
    ASSERT_TRUE(consider(kMany + 1, kMany + 1, 3s));
    EXPECT_FALSE(load_->open()) << "not again for one more";
}

TEST_P(ServedLoadRulesTest, NotThoseWhoComeSlowly) {
    ASSERT_TRUE(consider(0, 0, 0s));
    ASSERT_TRUE(consider(kMany, kMany, 1s));
    ASSERT_TRUE(consider(kMany + 1, kMany + 1, kLate));
    EXPECT_FALSE(load_->open()) << "it stalled";
    EXPECT_FALSE(loading());
    ASSERT_TRUE(consider(3 * kMany, 3 * kMany, kLate + 1s));
    EXPECT_EQ(load_->open(), on_sqlite()) << "and went on";
    ASSERT_TRUE(load_->end({}));
}

TEST_P(ServedLoadRulesTest, NotALittleOnTopOfMany) {
    ASSERT_TRUE(consider(100 * kMany, 0, 0s));
    ASSERT_TRUE(consider(102 * kMany, 2 * kMany, 1s));
    EXPECT_FALSE(load_->open());
    ASSERT_TRUE(consider(120 * kMany, 20 * kMany, 2s));
    EXPECT_EQ(load_->open(), on_sqlite());
    ASSERT_TRUE(load_->end({}));
}

TEST_P(ServedLoadRulesTest, NotBesideUsersOfOthers) {
    std::vector<std::string> lines = people(1, 1'100);
    loads_.reset();
    take(lines);
    loads_.emplace();
    ServedLoad load(&*loads_, store());
    ASSERT_TRUE(load.consider(20'000, 0, {}, {}));
    ASSERT_TRUE(load.consider(40'000, 20'000, {}, {}));
    EXPECT_EQ(load.open(), on_sqlite()) << "they are the job's";
    ASSERT_TRUE(load.end({}));
    ServedLoad beside(&*loads_, store());
    ASSERT_TRUE(beside.consider(0, 0, {}, {}));
    ASSERT_TRUE(beside.consider(10, 10'000, {}, {}));
    EXPECT_FALSE(beside.open());
}

TEST_P(ServedLoadRulesTest, WhatFailedIsTriedAgain) {
    if (!on_sqlite()) GTEST_SKIP() << "PostgreSQL keeps its indexes";
    const auto system = [&](const char* sql) {
        return store().write(store::Database::directory, [&](store::Writer& db) { return db.system_exec(sql, {}); });
    };
    ASSERT_TRUE(*loads_->begin(store()));
    ASSERT_TRUE(system("CREATE TABLE users_given (x INTEGER)"));  // where an index is to be
    EXPECT_FALSE(loads_->end(store(), {}));
    EXPECT_FALSE(*loads_->begin(store())) << "the last has not ended";
    ASSERT_TRUE(system("DROP TABLE users_given"));
    while (loading()) std::this_thread::yield();
    while (!*loads_->begin(store())) std::this_thread::yield();
    ASSERT_TRUE(loads_->end(store(), {}));
}

}  // namespace
}  // namespace godwit::migration
