#include "store/claims.h"

#include <gtest/gtest.h>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

using namespace std::chrono_literals;

class ClaimsTest : public StoreTest {
protected:
    ClaimsTest() { claiming_ = claiming(std::move(*open_again())); }

    /// The fixture's store, taken over: one process holds the files.
    Result<std::unique_ptr<Store>> open_again() {
        close();
        return open();
    }

    Store& claimed() { return *claiming_; }
    ClaimKey key(std::string name, InstanceScope instance = InstanceScope::of({1}), UserId caller = UserId(7)) {
        return {instance, caller, std::move(name)};
    }
    static std::function<Result<std::string>()> fingerprint(std::string text) {
        return [text = std::move(text)]() -> Result<std::string> { return text; };
    }
    Result<void> change(std::int64_t id, Database database = Database::directory, bool fails = false) {
        return claimed().write(database, [&](Writer& db) -> Result<void> {
            TRY(db.append(scope(), Event{.aggregate_kind = "test", .aggregate_id = id, .type = "changed", .body = "{}"}));
            if (fails) return fail(Code::failed_precondition, "TEST-1", "no");
            return {};
        });
    }
    std::int64_t changes(std::int64_t id, Database database = Database::directory) {
        return *claimed().read(database, [&](Reader& db) {
            return db.query(scope(), "SELECT pos FROM events WHERE instance_no = ?1 AND agg_id = ?2", {id}, [](const Row&) {});
        });
    }
    std::optional<Claim> find(const ClaimKey& wanted) { return *find_claim(claimed(), wanted, clock().now()); }

    std::unique_ptr<Store> claiming_;
};
GODWIT_ON_BOTH_ENGINES(ClaimsTest);

TEST_P(ClaimsTest, GoesWithTheFirstWriteOnly) {
    for (const Database first : {Database::directory, Database::runtime}) {
        const auto name = key(first == Database::directory ? "d" : "r");
        {
            const PendingClaim pending(name, 1h, fingerprint("print"));
            EXPECT_FALSE(pending.committed());
            ASSERT_TRUE(change(1, first));
            ASSERT_TRUE(change(1, first == Database::directory ? Database::runtime : Database::directory));
            EXPECT_EQ(pending.committed(), first);
        }
        const auto found = find(name);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->database, first);
        EXPECT_EQ(found->fingerprint, "print");
        EXPECT_EQ(found->answer, "");
        ASSERT_TRUE(keep_answer(claimed(), first, name, std::string("\0sealed", 7)));
        EXPECT_EQ(find(name)->answer, std::string("\0sealed", 7));
    }
}

TEST_P(ClaimsTest, IsNotThereWithoutTheWrite) {
    {
        const PendingClaim pending(key("k"), 1h, fingerprint("print"));
        EXPECT_EQ(change(2, Database::directory, /*fails=*/true).error().id, "TEST-1");
        EXPECT_FALSE(pending.committed());
    }
    EXPECT_FALSE(find(key("k")));
    ASSERT_TRUE(change(2));  // nothing is pending any more
    EXPECT_FALSE(find(key("k")));
}

TEST_P(ClaimsTest, KeepsTheSecondCallFromWriting) {
    for (const char* print : {"first", "second"}) {
        const PendingClaim pending(key("k"), 1h, fingerprint(print));
        const auto written = change(3);
        EXPECT_EQ(written ? "" : written.error().id, print == std::string("first") ? "" : "IDEM-Run03");
    }
    EXPECT_EQ(changes(3), 1);
    EXPECT_EQ(find(key("k"))->fingerprint, "first");
}

TEST_P(ClaimsTest, IsOfOneInstanceAndOneCaller) {
    {
        const PendingClaim pending(key("k"), 1h, fingerprint("print"));
        ASSERT_TRUE(change(4));
    }
    EXPECT_TRUE(find(key("k")));
    EXPECT_FALSE(find(key("K")));
    EXPECT_FALSE(find(key("k", other_scope())));
    EXPECT_FALSE(find(key("k", scope(), UserId(8))));
}

TEST_P(ClaimsTest, EndsWithItsTimeAndIsSweptAway) {
    {
        const PendingClaim pending(key("old"), 1h, fingerprint("print"));
        ASSERT_TRUE(change(5));
    }
    clock().advance(1h);
    EXPECT_TRUE(find(key("old"))) << "to the last moment";
    EXPECT_EQ(*purge_claims(claimed(), scope()), 0);
    clock().advance(1s);
    EXPECT_FALSE(find(key("old")));
    {
        const PendingClaim pending(key("old"), 1h, fingerprint("again"));
        ASSERT_TRUE(change(5)) << "what is over and not swept away yet gives way";
    }
    EXPECT_EQ(find(key("old"))->fingerprint, "again");
    clock().advance(2h);
    EXPECT_EQ(*purge_claims(claimed(), other_scope()), 0);
    EXPECT_EQ(*purge_claims(claimed(), scope()), 1);
}

TEST_P(ClaimsTest, AnUnknownFingerprintStopsTheWrite) {
    const PendingClaim pending(key("k"), 1h, []() -> Result<std::string> { return fail(Code::internal, "TEST-2", "not read"); });
    EXPECT_EQ(change(6).error().id, "TEST-2");
    EXPECT_EQ(changes(6), 0);
}

}  // namespace
}  // namespace godwit::store
