#include "migration/engine/writer.h"

#include <gtest/gtest.h>

#include "migration/engine/prepare.h"
#include "migration/engine/run_test_fixture.h"

namespace godwit::migration {
namespace {

class WriterTest : public MigrationTest {
protected:
    Batch batch_of(const JobRow& row, int records) {
        Targets targets(store(), scope());
        Preparer preparer(row.job.options(), acme(), true, {}, targets, check_);
        std::vector<Prepared> prepared;
        std::vector<user::NewUser> users;
        for (int i = 1; i <= records; ++i) {
            v1::UserRecord record;
            record.set_source_id("s" + std::to_string(i));
            record.set_user_name("u" + std::to_string(i));
            Secret plain;
            prepared.push_back(*preparer.prepare(static_cast<std::uint64_t>(i), &record, users.emplace_back(), plain));
        }
        return {.records = std::move(prepared), .users = user::PreparedUsers(std::move(users))};
    }
};
GODWIT_ON_BOTH_ENGINES(WriterTest);

TEST_P(WriterTest, ATransactionEndsWhereItIsAskedToAndTheNextGoesOnThere) {
    const JobRow row = job();
    auto claimed = jobs_.claim(scope(), row.id);
    ASSERT_TRUE(claimed) << claimed.error().message;
    Writer writer({.store = store(), .users = users_, .sealers = sealers_}, *claimed, editor_, nullptr);
    Batch batch = batch_of(row, 100);
    Checkpoint checkpoint;
    int asked = 0;
    const auto taken = writer.write(batch, 0, 100, 10, [&] { return ++asked == 3; }, checkpoint);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_EQ(*taken, 30u);
    EXPECT_EQ(checkpoint.last_record, 30u);
    EXPECT_EQ(users(), 30);
    EXPECT_EQ(jobs_.get(scope(), OrgId{}, row.job.id())->job.last_record(), 30u) << "what was taken is committed with where the job stands";

    const auto rest = writer.write(batch, 30, 70, 10, [] { return false; }, checkpoint);
    ASSERT_TRUE(rest) << rest.error().message;
    EXPECT_EQ(*rest, 70u);
    EXPECT_EQ(told(checkpoint.counters), "100 created");
    EXPECT_EQ(users(), 100);
    // Whoever asks it to end at once gets one slice: the job goes on however many wait.
    const auto again = writer.write(batch, 0, 100, 10, [] { return true; }, checkpoint);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, 10u);
    EXPECT_EQ(told(checkpoint.counters), "100 created, 10 skipped");
}

}  // namespace
}  // namespace godwit::migration
