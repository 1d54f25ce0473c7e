#include "store/sqlite/write_queue.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <latch>

namespace godwit::store::sqlite {
namespace {

constexpr std::string_view kAdd = "INSERT INTO t (instance_no, id, pad) VALUES (?1, ?2, ?3)";

class WriteQueueTest : public ::testing::Test {
protected:
    WriteQueueTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "godwit-queue-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        directory_ = pattern;
        auto connection = *Connection::open({.path = directory_ + "/t.db"});
        EXPECT_TRUE(connection->run(
            "CREATE TABLE t (instance_no INTEGER NOT NULL, id INTEGER NOT NULL, pad BLOB, PRIMARY KEY (instance_no, id)) STRICT"));
        queue_ = std::make_unique<WriteQueue>(std::move(connection), ids_, clock_, [this](int) { ++commits_; });
    }
    ~WriteQueueTest() override {
        queue_.reset();
        std::filesystem::remove_all(directory_);
    }

    Result<void> add(std::int64_t id, bool bulk = false) {
        return queue_->run(
            [&, id](Writer& db) -> Result<void> {
                TRY(db.exec(scope_, kAdd, {id, Blob{}}));
                order_.push_back(id);  // on the writer's thread, like everything in here
                return {};
            },
            bulk);
    }

    /// Runs `calls` while the writer is busy with one that ends when all of them wait in the queue.
    void run_behind_a_busy_writer(std::span<const std::function<void()>> calls) {
        std::latch busy(1), release(1);
        std::thread first([&] {
            EXPECT_TRUE(queue_->run(
                [&](Writer&) -> Result<void> {
                    busy.count_down();
                    release.wait();
                    return {};
                },
                true));
        });
        busy.wait();
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            threads.emplace_back(calls[i]);
            while (queue_->queued() < i + 1) std::this_thread::yield();  // so that their order is known
        }
        release.count_down();
        first.join();
        for (auto& thread : threads) thread.join();
    }

    std::vector<std::int64_t> stored() {
        std::vector<std::int64_t> ids;
        EXPECT_TRUE(queue_->run(
            [&](Writer& db) -> Result<void> {
                TRY(db.query(scope_, "SELECT id FROM t WHERE instance_no = ?1 ORDER BY id", {},
                             [&](const Row& row) { ids.push_back(row.i64(0)); }));
                return {};
            },
            false));
        return ids;
    }

    SystemClock clock_;
    IdGenerator ids_{clock_, 0};
    InstanceScope scope_ = InstanceScope::of({1});
    std::string directory_;
    std::atomic<int> commits_ = 0;
    std::vector<std::int64_t> order_;
    std::unique_ptr<WriteQueue> queue_;
};

TEST_F(WriteQueueTest, ThoseWhoWaitedShareOneCommit) {
    std::vector<std::function<void()>> calls;
    for (int i = 1; i <= 20; ++i) calls.emplace_back([this, i] { EXPECT_TRUE(add(i)); });
    run_behind_a_busy_writer(calls);
    EXPECT_EQ(commits_, 2) << "the busy one's, and one for all twenty";
    EXPECT_EQ(stored().size(), 20u);
}

TEST_F(WriteQueueTest, AFailureCostsTheOthersNothing) {
    const std::vector<std::function<void()>> calls{
        [this] { EXPECT_TRUE(add(1)); },
        [this] { EXPECT_EQ(add(1).error().code, Code::already_exists); },
        [this] {
            EXPECT_EQ(queue_
                          ->run(
                              [&](Writer& db) -> Result<void> {
                                  TRY(db.exec(scope_, kAdd, {2, Blob{}}));
                                  return fail(Code::failed_precondition, "TEST-1", "changed my mind");
                              },
                              false)
                          .error()
                          .id,
                      "TEST-1");
        },
        [this] { EXPECT_TRUE(add(3)); },
    };
    run_behind_a_busy_writer(calls);
    EXPECT_EQ(commits_, 2);
    EXPECT_THAT(stored(), ::testing::ElementsAre(1, 3));
}

TEST_F(WriteQueueTest, SmallWritesPassBulkOnes) {
    const std::vector<std::function<void()>> calls{
        [this] { EXPECT_TRUE(add(1, true)); },
        [this] { EXPECT_TRUE(add(2)); },
        [this] { EXPECT_TRUE(add(3)); },
    };
    run_behind_a_busy_writer(calls);
    // Unless the bulk write had waited long enough for its turn, which a slow machine may bring about.
    EXPECT_THAT(order_, ::testing::AnyOf(::testing::ElementsAre(2, 3, 1), ::testing::ElementsAre(1, 2, 3)));
}

TEST_F(WriteQueueTest, ALostTransactionIsRunAgainWithoutTheCulprit) {
    // ROLLBACK inside a member stands for the disk errors after which SQLite gives up the whole transaction.
    int culprit_runs = 0;
    const std::vector<std::function<void()>> calls{
        [this] { EXPECT_TRUE(add(1)); },
        [&, this] {
            EXPECT_FALSE(queue_->run(
                [&](Writer& db) -> Result<void> {
                    ++culprit_runs;
                    TRY(db.exec(scope_, "INSERT OR ROLLBACK INTO t (instance_no, id, pad) SELECT ?1, 1, NULL", {}));
                    return {};
                },
                false));
        },
        [this] { EXPECT_TRUE(add(2)); },
    };
    run_behind_a_busy_writer(calls);
    EXPECT_EQ(culprit_runs, 1);
    EXPECT_THAT(stored(), ::testing::ElementsAre(1, 2));
    EXPECT_THAT(order_, ::testing::ElementsAre(1, 1, 2));
}

TEST_F(WriteQueueTest, ChoresRunBetweenGroups) {
    std::latch done(1);
    queue_->between_groups([&](Connection& connection) {
        EXPECT_FALSE(connection.in_transaction());
        done.count_down();
    });
    done.wait();
}

TEST_F(WriteQueueTest, AWriteInsideAWriteIsABug) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH((void)queue_->run([&](Writer&) { return add(1); }, false), "a write inside a write");
}

}  // namespace
}  // namespace godwit::store::sqlite
