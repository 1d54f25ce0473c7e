#include "store/jobs.h"

#include <atomic>
#include <thread>
#include <vector>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

class JobsTest : public StoreTest {
protected:
    std::int64_t create(std::string_view options = "options") {
        return *store().write(Database::directory, [&](Writer& db) { return create_job(db, scope(), "import", options, UserId{3}); });
    }
    std::optional<Job> claim(std::int32_t node) {
        return *store().write(Database::directory, [&](Writer& db) { return claim_job(db, "import", node); });
    }
    Result<void> checkpoint(const Job& job, std::string_view cursor) {
        return store().write(Database::directory, [&](Writer& db) { return checkpoint_job(db, job, cursor, "progress"); });
    }
    Job get(std::int64_t id) {
        return **store().read(Database::directory, [&](Reader& db) { return find_job(db, scope(), id); });
    }
};
GODWIT_ON_BOTH_ENGINES(JobsTest);

TEST_P(JobsTest, RunsFromClaimToEnd) {
    EXPECT_FALSE(claim(1));
    const std::int64_t id = create();
    const auto job = claim(1);
    ASSERT_TRUE(job);
    EXPECT_EQ(job->id, id);
    EXPECT_EQ(job->scope, scope());
    EXPECT_EQ(job->options, "options");
    EXPECT_EQ(job->cursor, "");
    EXPECT_FALSE(claim(2)) << "it is taken";
    ASSERT_TRUE(checkpoint(*job, "half"));
    EXPECT_EQ(get(id).cursor, "half");
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) { return finish_job(db, *job, JobState::done); }));
    EXPECT_EQ(get(id).state, JobState::done);
    EXPECT_EQ(get(id).created_by, UserId{3});
}

TEST_P(JobsTest, ANodeThatLostItsLeaseCannotWrite) {
    const std::int64_t id = create();
    const auto first = claim(1);
    ASSERT_TRUE(checkpoint(*first, "one"));
    clock().advance(kJobLease + std::chrono::seconds(1));
    const auto second = claim(2);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->cursor, "one");
    EXPECT_EQ(checkpoint(*first, "two").error().id, "STORE-fence");
    EXPECT_EQ(get(id).cursor, "one");
    EXPECT_TRUE(checkpoint(*second, "three"));
}

TEST_P(JobsTest, CancellingStopsTheOneThatRuns) {
    const std::int64_t id = create();
    const auto job = claim(1);
    const auto cancel = [&] { return store().write(Database::directory, [&](Writer& db) { return cancel_job(db, scope(), id); }); };
    EXPECT_EQ(cancel(), true);
    EXPECT_EQ(cancel(), false);
    EXPECT_EQ(checkpoint(*job, "on").error().id, "STORE-fence");
    EXPECT_FALSE(claim(2));
}

TEST_P(JobsTest, OneOfManyClaims) {
    create();
    std::atomic<int> claims = 0;
    std::vector<std::thread> threads;
    for (int node = 0; node < 8; ++node) {
        threads.emplace_back([&, node] {
            if (claim(node)) ++claims;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(claims, 1);
}

}  // namespace
}  // namespace godwit::store
