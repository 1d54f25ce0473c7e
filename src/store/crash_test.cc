// kill -9 in the midst of concurrent writes: what was acknowledged is there, and nothing is half there.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

constexpr int kRounds = 4;
constexpr int kThreads = 6;
constexpr std::string_view kPut =
    "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, ?3, ?4, 0, 0)";

class CrashTest : public StoreTest {
protected:
    /// A change of three rows and an event.
    static Result<void> change(Store& store, InstanceScope scope, std::int64_t id) {
        return store.write(Database::directory, [&](Writer& db) -> Result<void> {
            for (const char* part : {"a", "b", "c"}) TRY(db.exec(scope, kPut, {id, part, Blob{"value"}}));
            return db.append(scope, Event{.aggregate_kind = "user", .aggregate_id = id, .type = "user.added", .body = "{}"});
        });
    }

    static Result<void> bulk(Store& store, InstanceScope scope, std::int64_t first) {
        return store.write_bulk(Database::directory, [&](Writer& db) -> Result<void> {
            std::vector<Value> rows;
            std::vector<Event> events;
            for (std::int64_t id = first; id < first + 100; ++id) {
                for (const char* part : {"a", "b", "c"}) rows.insert(rows.end(), {id, part, Blob{"value"}, 0, 0});
                events.push_back({.aggregate_kind = "user", .aggregate_id = id, .type = "user.added", .body = "{}"});
            }
            TRY(db.insert_rows(scope, "metadata", "instance_no, owner_id, name, value, created_at, changed_at", rows));
            return db.append(scope, events);
        });
    }

    /// The child: writes until it is killed and tells each acknowledged id through the pipe.
    [[noreturn]] void write_until_killed(int round, int pipe) {
        auto opened = open();
        if (!opened) ::_exit(1);
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                for (std::int64_t i = 0;; ++i) {
                    const std::int64_t id = ((round * kThreads + t) * 1'000'000LL) + i * 100;
                    const bool in_bulk = t == 0;
                    if (!(in_bulk ? bulk(**opened, scope(), id) : change(**opened, scope(), id))) ::_exit(2);
                    const std::int64_t acknowledged = in_bulk ? -id - 1 : id;
                    if (::write(pipe, &acknowledged, sizeof acknowledged) != sizeof acknowledged) ::_exit(3);
                }
            });
        }
        while (true) ::pause();
    }
};
GODWIT_ON_BOTH_ENGINES(CrashTest);

TEST_P(CrashTest, LosesNothingAcknowledged) {
    close();
    std::set<std::int64_t> acknowledged;
    for (int round = 0; round < kRounds; ++round) {
        int pipe[2];
        ASSERT_EQ(::pipe(pipe), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(pipe[0]);
            write_until_killed(round, pipe[1]);
        }
        ::close(pipe[1]);
        // Killed after a number of acknowledgements that differs by round; what is still in the pipe counts too.
        const std::size_t until = acknowledged.size() + 150 + static_cast<std::size_t>(round) * 97;
        std::int64_t id = 0;
        while (::read(pipe[0], &id, sizeof id) == sizeof id) {
            if (id >= 0) {
                acknowledged.insert(id);
            } else {
                for (std::int64_t one = 0; one < 100; ++one) acknowledged.insert(-id - 1 + one);
            }
            if (acknowledged.size() >= until) ::kill(child, SIGKILL);
        }
        ::close(pipe[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    }

    reopen();
    std::map<std::int64_t, int> parts, events;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) -> Result<void> {
        TRY(db.query(scope(), "SELECT owner_id FROM metadata WHERE instance_no = ?1", {}, [&](const Row& row) { ++parts[row.i64(0)]; }));
        TRY(db.query(scope(), "SELECT agg_id FROM events WHERE instance_no = ?1", {}, [&](const Row& row) { ++events[row.i64(0)]; }));
        return {};
    }));
    for (const std::int64_t id : acknowledged) EXPECT_EQ(parts[id], 3) << "acknowledged change " << id;
    for (const auto& [id, count] : parts) EXPECT_EQ(count, 3) << "half a change " << id;
    for (const auto& [id, count] : parts) EXPECT_EQ(events[id], 1) << "a change without its event " << id;
    EXPECT_EQ(parts.size(), events.size());
}

}  // namespace
}  // namespace godwit::store
