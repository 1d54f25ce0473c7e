#include "directory/user/metadata.h"

#include <gmock/gmock.h>

#include <thread>

#include "directory/org/metadata.h"
#include "directory/user/user_test_fixture.h"

namespace godwit::user {
namespace {

using directory::MetadataEntry;
using store::TextMethod;
using ::testing::ElementsAre;

class MetadataTest : public UserStoreTest {
protected:
    void SetUp() override {
        UserStoreTest::SetUp();
        ann_ = add(human("ann", "ann"));
    }
    Result<directory::Change> set(std::vector<MetadataEntry> entries) { return metadata_.set(in_acme("ann"), entries, editor_); }
    Result<directory::Change> remove(std::vector<std::string> keys) {
        return metadata_.remove(in_acme("ann"), keys, directory::not_all_metadata(), editor_);
    }
    std::vector<std::string> keys(std::vector<directory::TextFilter> filters = {}, const store::Page& page = {}) {
        std::vector<std::string> out;
        const auto listed = metadata_.list(in_acme("ann"), filters, page);
        for (const auto& entry : listed->rows) out.push_back(entry.key);
        return out;
    }

    Metadata metadata_{store()};
    org::Metadata org_metadata_{store()};
    UserId ann_;
};
GODWIT_ON_BOTH_ENGINES(MetadataTest);

TEST_P(MetadataTest, AreBytesUnderAKey) {
    const std::string bytes("\x00\xff\n", 3);
    EXPECT_EQ(set({{"k", bytes}, {"l", "1"}, {"l", "2"}})->sequence, 3) << "the last of a key wins: two changes";
    EXPECT_EQ(metadata_.get(in_acme("ann"), "k")->value, bytes);
    EXPECT_EQ(metadata_.get(in_acme("ann"), "l")->value, "2");
    EXPECT_EQ(set({{"k", bytes}})->sequence, 3) << "what is so already is no change";
    EXPECT_EQ(set({{"k", "new"}, {"l", "2"}})->sequence, 4);
    EXPECT_EQ(count("SELECT COUNT(*) FROM events WHERE instance_no = ?1 AND agg_id = ?2 AND type = 'user.metadata.set'", {ann_}), 3);
    EXPECT_EQ(metadata_.get(in_acme("ann"), "nope").error().id, "QUERY-Rgh32");
    EXPECT_EQ(metadata_.get(in_acme("nobody"), "k").error().id, "QUERY-Rgh32");
}

TEST_P(MetadataTest, HaveAForm) {
    const std::string long_key(201, 'k'), big(500'001, 'v');
    const MetadataEntry bad[] = {{"", "v"}, {long_key, "v"}, {"k", ""}, {"k", big}, {"k\n", "v"}, {"\xff", "v"}};
    for (const auto& entry : bad) EXPECT_EQ(set({{"good", "v"}, entry}).error().id, "META-ds3Kj");
    EXPECT_EQ(set({}).error().id, "META-9mm2d");
    EXPECT_THAT(keys(), ElementsAre()) << "all or none";
    EXPECT_TRUE(set({{std::string(200, 'k'), big.substr(1)}}));
}

TEST_P(MetadataTest, AreListedByKey) {
    ASSERT_TRUE(set({{"b", "1"}, {"B2", "1"}, {"a", "1"}, {"ab", "1"}}));
    EXPECT_THAT(keys(), ElementsAre("B2", "a", "ab", "b"));
    EXPECT_THAT(keys({{"a", TextMethod::starts_with}}), ElementsAre("a", "ab"));
    EXPECT_THAT(keys({{"A", TextMethod::equals_ignore_case}}), ElementsAre("a"));
    EXPECT_THAT(keys({{"B", TextMethod::contains_ignore_case}, {"2", TextMethod::ends_with}}), ElementsAre("B2"));
    EXPECT_THAT(keys({}, {.offset = 1, .limit = 2}), ElementsAre("a", "ab"));
    EXPECT_EQ(metadata_.list(in_acme("ann"), {}, {.limit = 1})->total, 4U);
}

TEST_P(MetadataTest, AreRemovedAllOrNone) {
    ASSERT_TRUE(set({{"a", "1"}, {"b", "1"}}));
    EXPECT_EQ(remove({"a", "c"}).error().id, "META-2nnds");
    EXPECT_EQ(remove({}).error().id, "META-9mm2d");
    EXPECT_THAT(keys(), ElementsAre("a", "b"));
    ASSERT_TRUE(remove({"a", "b"}));
    EXPECT_THAT(keys(), ElementsAre());
}

TEST_P(MetadataTest, AreReachedThroughTheirOrganizationOnly) {
    ASSERT_TRUE(set({{"k", "v"}}));
    const std::vector<MetadataEntry> entries{{"k", "w"}};
    const std::vector<std::string> wanted{"k"};
    for (const auto& ref : {Ref::named(other(), "ann"), Ref::named(other_scope(), "ann")}) {
        EXPECT_EQ(metadata_.list(ref, {}, {})->total, 0U);
        EXPECT_EQ(metadata_.get(ref, "k").error().code, Code::not_found);
        EXPECT_EQ(metadata_.set(ref, entries, editor_).error().id, "COMMAND-uXHNj");
        EXPECT_EQ(metadata_.remove(ref, wanted, directory::no_such_metadatum(), editor_).error().id, "COMMAND-uXHNj");
    }
    EXPECT_EQ(metadata_.get(in_acme("ann"), "k")->value, "v");
}

TEST_P(MetadataTest, OfAnOrganizationAreItsOwn) {
    const std::vector<MetadataEntry> entries{{"k", "v"}};
    const std::vector<std::string> wanted{"k"};
    const auto made = org_metadata_.set(acme(), entries, editor_);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(org_metadata_.set(acme(), entries, editor_)->sequence, made->sequence);
    EXPECT_EQ(org_metadata_.get(acme(), "k")->resource_owner, made->resource_owner);
    EXPECT_EQ(org_metadata_.list(other(), {}, {})->total, 0U);
    EXPECT_EQ(org_metadata_.remove(other(), wanted, directory::no_such_metadatum(), editor_).error().id, "META-ncnw3");
    EXPECT_EQ(org_metadata_.remove(acme(), wanted, directory::no_such_metadatum(), editor_)->sequence, made->sequence + 1);
    EXPECT_EQ(org_metadata_.get(acme(), "k").error().id, "QUERY-Rgh32");
}

TEST_P(MetadataTest, EightThreadsLoseNoChange) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            const std::vector<MetadataEntry> entries{{"k" + std::to_string(i), "v"}};
            while (true) {
                const auto result = metadata_.set(in_acme("ann"), entries, editor_);
                if (result) break;
                ASSERT_EQ(result.error().code, Code::aborted) << result.error().message;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(keys().size(), 8U);
    EXPECT_EQ(users_.get(in_acme("ann"))->stamp.sequence, 9) << "one version a change";
}

}  // namespace
}  // namespace godwit::user
