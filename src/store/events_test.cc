#include "store/events.h"

#include <gmock/gmock.h>

#include <latch>
#include <thread>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

class EventsTest : public StoreTest {
protected:
    Result<void> happen(std::int64_t id) {
        return store().write(Database::directory, [&](Writer& db) {
            return db.append(
                scope(), Event{.aggregate_kind = "user", .aggregate_id = id, .type = "user.added", .editor_service = "Test", .body = "{}"});
        });
    }
    /// Aggregates of the events that are new since the last call.
    std::vector<std::int64_t> follow(int limit = 100) {
        std::vector<std::int64_t> seen;
        position_ = *store().read(Database::directory, [&](Reader& db) {
            return follow_events(db, scope(), position_, limit, [&](const StoredEvent& event) { seen.push_back(event.aggregate_id); });
        });
        return seen;
    }
    EventPosition position_;
};
GODWIT_ON_BOTH_ENGINES(EventsTest);

TEST_P(EventsTest, FollowsInPages) {
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(happen(i));
    EXPECT_THAT(follow(2), ::testing::ElementsAre(1, 2));
    EXPECT_THAT(follow(2), ::testing::ElementsAre(3, 4));
    EXPECT_THAT(follow(2), ::testing::ElementsAre(5));
    EXPECT_THAT(follow(2), ::testing::IsEmpty());
}

// On PostgreSQL a transaction may write its event first and commit last.
TEST_P(EventsTest, WaitsForTheOneThatCommitsLate) {
    if (on_sqlite()) GTEST_SKIP() << "there is one writer";
    std::latch written(1), may_commit(1);
    std::thread late([&] {
        EXPECT_TRUE(store().write(Database::directory, [&](Writer& db) -> Result<void> {
            TRY(db.append(
                scope(), Event{.aggregate_kind = "user", .aggregate_id = 1, .type = "user.added", .editor_service = "Test", .body = "{}"}));
            TRY(db.system_query("SELECT 1", {}, [](const Row&) {}));
            written.count_down();
            may_commit.wait();
            return {};
        }));
    });
    written.wait();
    ASSERT_TRUE(happen(2));
    EXPECT_THAT(follow(), ::testing::IsEmpty()) << "2 is committed, but 1 comes before it";
    may_commit.count_down();
    late.join();
    EXPECT_THAT(follow(), ::testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace godwit::store
