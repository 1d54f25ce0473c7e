#include "store/timed.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

using namespace std::chrono_literals;

class TimedTest : public StoreTest {};
GODWIT_ON_BOTH_ENGINES(TimedTest);

TEST_P(TimedTest, TellsOfEveryWriteAndOfNoRead) {
    close();
    std::vector<std::tuple<Database, bool>> told;
    bool all_took_time = true;
    const auto store = timed(*open(), [&](Database database, bool bulk, std::chrono::steady_clock::duration took) {
        told.emplace_back(database, bulk);
        all_took_time = all_took_time && took > 0ns;
    });
    const auto fine = [](Writer&) -> Result<void> { return {}; };
    ASSERT_TRUE(store->write(Database::runtime, fine));
    ASSERT_TRUE(store->write_bulk(Database::directory, fine));
    EXPECT_FALSE(store->write(Database::directory, [](Writer&) -> Result<void> { return fail(Code::aborted, "TEST-1", "no"); }));
    ASSERT_TRUE(store->read(Database::directory, [](Reader&) -> Result<void> { return {}; }));
    EXPECT_EQ(told, (std::vector<std::tuple<Database, bool>>{
                        {Database::runtime, false}, {Database::directory, true}, {Database::directory, false}}));
    EXPECT_TRUE(all_took_time);
}

}  // namespace
}  // namespace godwit::store
