#include "store/outbox.h"

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

class OutboxTest : public StoreTest {};
GODWIT_ON_BOTH_ENGINES(OutboxTest);

TEST_P(OutboxTest, KeepsOneMessageForAKey) {
    const auto send = [&](std::optional<std::string_view> key) {
        return store().write(Database::directory, [&](Writer& db) {
            return enqueue(
                db, scope(),
                {.id = db.new_id(), .user = UserId{7}, .kind = "init_code", .dedupe_key = key, .sealed_body = "sealed", .not_before = {}});
        });
    };
    EXPECT_EQ(send("a"), true);
    EXPECT_EQ(send("a"), false);
    EXPECT_EQ(send("b"), true);
    EXPECT_EQ(send({}), true);
    EXPECT_EQ(send({}), true);
    int due = 0;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT body FROM messages WHERE instance_no = ?1 AND state = 1 AND next_at <= ?2 AND user_id = 7",
                        {clock().now()}, [&](const Row& row) {
                            ++due;
                            EXPECT_EQ(row.blob(0), "sealed");
                        });
    }));
    EXPECT_EQ(due, 4);
}

TEST_P(OutboxTest, GoesWithItsTransaction) {
    const auto failed = store().write(Database::directory, [&](Writer& db) -> Result<void> {
        TRY(enqueue(
            db, scope(),
            {.id = db.new_id(), .user = UserId{7}, .kind = "init_code", .dedupe_key = "a", .sealed_body = "sealed", .not_before = {}}));
        return fail(Code::failed_precondition, "TEST-1", "no");
    });
    EXPECT_FALSE(failed);
    std::int64_t rows = -1;
    ASSERT_TRUE(store().read(Database::directory, [&](Reader& db) {
        return db.query(scope(), "SELECT count(*) FROM messages WHERE instance_no = ?1", {}, [&](const Row& row) { rows = row.i64(0); });
    }));
    EXPECT_EQ(rows, 0);
}

}  // namespace
}  // namespace godwit::store
