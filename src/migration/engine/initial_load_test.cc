#include "migration/engine/initial_load.h"

#include <set>

#include "migration/engine/run_test_fixture.h"
#include "store/initial_load.h"

namespace godwit::migration {
namespace {

TEST(ClaimFilterTest, KnowsEveryKeyAndFewOthers) {
    constexpr int kKeys = 50'000;
    ClaimFilter filter(2 * kKeys);
    int known = 0;
    for (int i = 0; i < kKeys; ++i) known += filter.add("n 0 user" + std::to_string(i)) ? 0 : 1;
    for (int i = 0; i < kKeys; ++i) ASSERT_FALSE(filter.add("n 0 user" + std::to_string(i)));
    for (int i = 0; i < kKeys; ++i) known += filter.add("s old|" + std::to_string(i)) ? 0 : 1;
    EXPECT_LT(known, 20);
}

class LoadTest : public MigrationTest {
protected:
    static constexpr std::uint64_t kLarge = 100 << 20;

    /// People, some of whom are in each other's way or in that of "anna", who is here.
    static std::vector<std::string> file() {
        std::vector<std::string> lines;
        for (int i = 0; i < 1'500; ++i) {
            const std::string n = std::to_string(i);
            std::string id = "s" + n, name = "u" + n;
            if (i % 100 == 7) id = "s" + std::to_string(i - 5);      // a source id again
            if (i % 100 == 17) name = "U" + std::to_string(i - 10);  // a name again, in another case
            if (i % 100 == 27) name = "anna";
            if (i % 100 == 37) name = " ";
            lines.push_back(person(id, name, i % 50 == 9 ? R"("userId":"Wish")" : ""));
        }
        return lines;
    }
    RunEnd load(const JobRow& row, const RunHooks& hooks = {}) {
        LinesSource source(file());
        source.bytes = kLarge;
        return run(row, source, hooks);
    }
    static v1::JobOptions rehearsal() {
        v1::JobOptions out;
        out.set_dry_run(true);
        return out;
    }
    void SetUp() override {
        MigrationTest::SetUp();
        add(human("anna"));
    }
};
GODWIT_ON_BOTH_ENGINES(LoadTest);

TEST_P(LoadTest, EndsAsAnOrdinaryRunWould) {
    LinesSource source(file());
    const RunEnd expected = run(job(rehearsal(), "rehearsal"), source);
    alone_ = true;
    std::size_t built = 0, indexes = 0;
    const RunEnd end = load(job({}, "load"), {.on_index = [&](std::size_t n, std::size_t of) { built = n, indexes = of; }});
    EXPECT_GT(indexes, 5);
    EXPECT_EQ(built, indexes);
    EXPECT_FALSE(*store::in_initial_load(store()));
    EXPECT_EQ(told(end.checkpoint.counters), told(expected.checkpoint.counters));
    EXPECT_EQ(end.checkpoint.counters.records(), 1'500);
    EXPECT_EQ(end.checkpoint.last_record, 1'500);
    EXPECT_TRUE(end.checkpoint.held.empty());
    for (const auto& [code, count] : expected.checkpoint.counters.codes()) {
        const auto found = end.checkpoint.counters.codes().find(code);
        EXPECT_EQ(found == end.checkpoint.counters.codes().end() ? 0 : found->second, count) << code;
    }
    EXPECT_EQ(end.state, v1::JOB_STATE_DONE);
}

TEST_P(LoadTest, WhoIsPutOffWhenItStopsComesWithTheNextRun) {
    alone_ = true;
    const JobRow row = job({}, "load");
    bool stop = false;
    // Without the limit a batch would hold the whole file.
    LinesSource source(file());
    source.bytes = kLarge;
    source.before_record = [&](std::uint64_t number) { stop = number > 1'400; };
    const RunEnd first = run(row, source, {.stop = [&] { return stop; }});
    EXPECT_EQ(first.state, v1::JOB_STATE_WAITING);
    EXPECT_FALSE(*store::in_initial_load(store())) << "the indexes are there again";
    const RunEnd second = load(row);
    EXPECT_EQ(second.state, v1::JOB_STATE_DONE);
    EXPECT_EQ(second.checkpoint.counters.records(), 1'500);
    EXPECT_TRUE(second.checkpoint.held.empty());
}

TEST_P(LoadTest, IsForLargeSourcesOfWhoServesNobody) {
    LinesSource source(file());
    source.bytes = kLarge;
    std::size_t built = 0;
    const RunHooks hooks{.on_index = [&](std::size_t n, std::size_t) { built = n; }};
    run(job({}, "served"), source, hooks);
    EXPECT_EQ(built, 0) << "others are served";
    alone_ = true;
    load(job({}, "filled"), hooks);
    EXPECT_EQ(built, 0) << "more than a thousand are here";
}

}  // namespace
}  // namespace godwit::migration
