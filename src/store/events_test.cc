#include "store/events.h"

#include <gmock/gmock.h>

#include <latch>
#include <thread>

#include "store/event_body.h"
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
    /// follow(), once the cluster lets it: any open transaction of the PostgreSQL server, those of other tests included, holds the
    /// newest events back.
    std::vector<std::int64_t> follow_when_settled(int limit = 100) {
        for (int tries = 0; tries < 10'000; ++tries)
            if (auto seen = follow(limit); !seen.empty()) return seen;
        return {};
    }
    EventPosition position_;
};
GODWIT_ON_BOTH_ENGINES(EventsTest);

TEST_P(EventsTest, FollowsInPages) {
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(happen(i));
    std::vector<std::int64_t> all;
    while (all.size() < 5) {
        const auto page = follow_when_settled(2);
        ASSERT_FALSE(page.empty());
        EXPECT_LE(page.size(), 2u);
        all.insert(all.end(), page.begin(), page.end());
    }
    EXPECT_THAT(all, ::testing::ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(follow(2), ::testing::IsEmpty());
}

struct Told {
    std::string kind;
    std::int64_t id;
    std::string type, body;
    bool operator==(const Told&) const = default;
};

std::vector<Told> unfolded(std::string_view body) {
    std::vector<Told> out;
    const StoredEvent row{.position = {}, .aggregate_kind = "user", .aggregate_id = 7, .type = "user.added", .body = body};
    unfold(row, [&](const StoredEvent& event) {
        out.push_back({std::string(event.aggregate_kind), event.aggregate_id, std::string(event.type), std::string(event.body)});
    });
    return out;
}

TEST(EventTailTest, OneRowTellsWhatHappenedTogether) {
    for (const std::string own : {"{}", R"({"name":"\"also\":[[ \u00e9","n":1})"}) {
        EventTail tail;
        std::string body = own;
        tail.append_to(body);
        EXPECT_EQ(body, own) << "nothing else happened";
        EXPECT_EQ(unfolded(own), (std::vector<Told>{{"user", 7, "user.added", own}}));
        tail.add("user.verified", "{}");
        tail.add("user.set", R"({"also":[[1]],"key":"k"})");
        tail.add("grant.added", R"({"roles":["r"]})", "grant", 9);
        EXPECT_EQ(tail.size(), 2U) << "those of the aggregate";
        tail.append_to(body);
        EXPECT_EQ(unfolded(body), (std::vector<Told>{{"user", 7, "user.added", own},
                                                     {"user", 7, "user.verified", "{}"},
                                                     {"user", 7, "user.set", R"({"also":[[1]],"key":"k"})"},
                                                     {"grant", 9, "grant.added", R"({"roles":["r"]})"}}));
        EXPECT_EQ(tail.size(), 0U);
        std::string next = "{}";
        tail.append_to(next);
        EXPECT_EQ(next, "{}") << "begins anew";
    }
}

TEST_P(EventsTest, FollowersHearEachEventOfARow) {
    EventTail tail;
    tail.add("grant.added", "{}", "grant", 2);
    Event event{.aggregate_kind = "user", .aggregate_id = 1, .type = "user.added", .editor_service = "Test", .body = "{}"};
    tail.append_to(event.body);
    ASSERT_TRUE(store().write(Database::directory, [&](Writer& db) { return db.append(scope(), event); }));
    EXPECT_THAT(follow_when_settled(1), ::testing::ElementsAre(1, 2));
    EXPECT_THAT(follow(1), ::testing::IsEmpty());
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
    std::vector<std::int64_t> all = follow_when_settled();
    if (all.size() == 1) all.push_back(follow_when_settled().at(0));
    EXPECT_THAT(all, ::testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace godwit::store
