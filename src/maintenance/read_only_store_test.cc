#include "maintenance/read_only_store.h"

#include "store/store_test_fixture.h"
#include "store/testing/private_postgres.h"

namespace godwit::maintenance {
namespace {

using store::Database;

class ReadOnlyStoreTest : public store::StoreTest {
protected:
    Result<std::unique_ptr<store::Store>> look() {
        if (on_sqlite()) return open_to_read(TRY(store::inspect_sqlite(directory())));
        return open_to_read(
            TRY(store::inspect_postgres({.connection = store::postgres_server::connection(), .schema_prefix = schema_prefix()})));
    }
    Result<std::int64_t> put(store::Store& to, std::int64_t owner) {
        return to.write(Database::directory, [&](store::Writer& db) {
            return db.exec(
                scope(), "INSERT INTO metadata (instance_no, owner_id, name, value, created_at, changed_at) VALUES (?1, ?2, 'n', ?3, 0, 0)",
                {owner, store::Blob{"v"}});
        });
    }
    std::int64_t count(store::Store& in) {
        return *in.read(Database::directory, [&](store::Reader& db) {
            return db.query(scope(), "SELECT owner_id FROM metadata WHERE instance_no = ?1", {}, [](const store::Row&) {});
        });
    }
};
GODWIT_ON_BOTH_ENGINES(ReadOnlyStoreTest);

TEST_P(ReadOnlyStoreTest, SeesWhatTheServerWritesAndWritesNothing) {
    ASSERT_TRUE(put(store(), 1));
    const auto looking = look();
    ASSERT_TRUE(looking) << looking.error().message;
    EXPECT_EQ(count(**looking), 1);
    ASSERT_TRUE(put(store(), 2));
    EXPECT_EQ(count(**looking), 2);
    EXPECT_EQ(put(**looking, 3).error().id, "STORE-readonly");
    EXPECT_EQ(count(store()), 2);
}

TEST_P(ReadOnlyStoreTest, NeedsNoServer) {
    ASSERT_TRUE(put(store(), 1));
    close();
    const auto looking = look();
    ASSERT_TRUE(looking) << looking.error().message;
    EXPECT_EQ(count(**looking), 1);
}

}  // namespace
}  // namespace godwit::maintenance
