#include "app/idempotency.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "directory/key/sealers.h"
#include "store/claims.h"
#include "store/store_test_fixture.h"

namespace godwit::app {
namespace {

using namespace std::chrono_literals;
using rpc::Outcome;
using store::Database;

class KeptAnswersTest : public store::StoreTest {
protected:
    KeptAnswersTest() {
        close();
        store_ = store::claiming(*open());
        sealers_ = std::make_unique<key::Sealers>(*store_, *crypto::MasterKey::from_bytes(Secret(std::string(32, 'm'))));
        for (const auto instance : {scope(), other_scope()}) {
            EXPECT_TRUE(store_->write(Database::directory, [&](store::Writer& db) { return sealers_->create(db, instance); }));
        }
        answers_ = std::make_unique<KeptAnswers>(*store_, *sealers_, clock(), KeptAnswers::Limits{.lifetime = 24h, .bytes = 100});
    }

    /// A row that nothing keeps from being there twice.
    Result<void> write() {
        return store_->write(Database::directory, [&](store::Writer& db) {
            return db.append(scope(), {.aggregate_kind = "test", .aggregate_id = 9, .type = "done", .body = "{}"});
        });
    }
    std::int64_t writes() {
        return *store_->read(Database::directory, [&](store::Reader& db) {
            return db.query(scope(), "SELECT pos FROM events WHERE instance_no = ?1 AND agg_id = 9", {}, [](const store::Row&) {});
        });
    }
    rpc::KeyedCall call(std::string key, std::string request = "request") {
        return {scope(), UserId(7), std::move(key), [request]() -> Result<std::string> { return request; }};
    }
    /// The answer, or the id of the error.
    std::string once(const rpc::KeyedCall& keyed, const std::function<Outcome()>& work) {
        const auto answer = answers_->once(keyed, work);
        return answer ? *answer : answer.error().id;
    }
    std::function<Outcome()> writing(std::string answer, bool final = true) {
        return [this, answer, final] {
            EXPECT_TRUE(write());
            return Outcome{answer, final};
        };
    }

    std::unique_ptr<store::Store> store_;
    std::unique_ptr<key::Sealers> sealers_;
    std::unique_ptr<KeptAnswers> answers_;
};
GODWIT_ON_BOTH_ENGINES(KeptAnswersTest);

TEST_P(KeptAnswersTest, OneWriteOneAnswer) {
    EXPECT_EQ(once(call("k"), writing("first")), "first");
    EXPECT_EQ(once(call("k"), writing("second")), "first");
    EXPECT_EQ(writes(), 1);
    auto other_caller = call("k"), other_instance = call("k");
    other_caller.caller = UserId(8);
    other_instance.instance = other_scope();
    EXPECT_EQ(once(other_caller, writing("third")), "third");
    EXPECT_EQ(once(other_instance, writing("fourth")), "fourth");
}

TEST_P(KeptAnswersTest, AnotherRequestUnderTheKeyIsRefused) {
    EXPECT_EQ(once(call("k"), writing("first")), "first");
    EXPECT_EQ(once(call("k", "something else"), writing("second")), rpc::kOtherRequest);
    EXPECT_EQ(writes(), 1);
}

TEST_P(KeptAnswersTest, WhatWroteNothingRunsAgain) {
    EXPECT_EQ(once(call("k"), [] { return Outcome{"refused", true}; }), "refused");
    EXPECT_EQ(once(call("k"), writing("first")), "first");
}

TEST_P(KeptAnswersTest, AWriteWithoutItsAnswerIsNotRepeated) {
    // What a kill between the commit and the kept answer leaves behind.
    EXPECT_THROW((void)answers_->once(call("broken"),
                                      [&]() -> Outcome {
                                          EXPECT_TRUE(write());
                                          throw std::runtime_error("gone");
                                      }),
                 std::runtime_error);
    EXPECT_EQ(once(call("broken"), writing("again")), rpc::kOutcomeLost);
    EXPECT_EQ(once(call("half"), writing("store away", /*final=*/false)), "store away");
    EXPECT_EQ(once(call("half"), writing("again")), rpc::kOutcomeLost);
    EXPECT_EQ(once(call("long"), writing(std::string(101, 'x'))), std::string(101, 'x'));
    EXPECT_EQ(once(call("long"), writing("again")), rpc::kOutcomeLost);
    EXPECT_EQ(writes(), 3);
}

TEST_P(KeptAnswersTest, WhileTheFirstRunsTheSecondIsTurnedAway) {
    EXPECT_EQ(once(call("k"),
                   [&] {
                       EXPECT_EQ(once(call("k"), writing("inner")), rpc::kStillRunning);
                       EXPECT_EQ(once(call("k", "other body"), writing("inner")), rpc::kStillRunning);
                       EXPECT_TRUE(write());
                       return Outcome{"outer", true};
                   }),
              "outer");
    EXPECT_EQ(once(call("k"), writing("late")), "outer");
    EXPECT_EQ(writes(), 1);
}

TEST_P(KeptAnswersTest, AnotherNodeThatWasFasterWins) {
    KeptAnswers other_node(*store_, *sealers_, clock(), {.lifetime = 24h, .bytes = 100});
    EXPECT_EQ(once(call("k"),
                   [&] {
                       // Between the look-up and the write, the same call is carried out elsewhere.
                       std::thread elsewhere([&] { EXPECT_EQ(*other_node.once(call("k"), writing("theirs")), "theirs"); });
                       elsewhere.join();
                       const auto written = write();
                       return Outcome{written ? "ours" : written.error().id, false};
                   }),
              rpc::kStillRunning);
    EXPECT_EQ(once(call("k"), writing("late")), "theirs");
    EXPECT_EQ(writes(), 1);
}

TEST_P(KeptAnswersTest, AnswersAndRequestsAreSealedAndEnd) {
    EXPECT_EQ(once(call("k", "plain request"), writing("plain answer")), "plain answer");
    const auto claim = *store::find_claim(*store_, {scope(), UserId(7), "k"}, clock().now());
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->answer.find("plain"), std::string::npos);
    EXPECT_EQ(claim->fingerprint.find("plain"), std::string::npos);
    clock().advance(24h + 1s);
    EXPECT_EQ(once(call("k", "new request"), writing("new answer")), "new answer");
}

}  // namespace
}  // namespace godwit::app
