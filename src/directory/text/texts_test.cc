#include "directory/text/texts.h"

#include "directory/instance/instances.h"
#include "store/store_test_fixture.h"

namespace godwit::text {
namespace {

using store::Database;

class TextsTest : public store::StoreTest {
protected:
    void SetUp() override {
        instance::Instances instances(store(), {});
        ASSERT_TRUE(store().write(Database::directory, [&](store::Writer& db) {
            return instances.create(db, {}, {.name = "I", .primary_host = "localhost", .other_hosts = {}});
        }));
    }
    OrgScope instance() const { return {scope(), OrgId{}}; }
    OrgScope org(std::int64_t key) const { return {scope(), OrgId(key)}; }
    ByLanguage all(const OrgScope& level) { return **texts_.all(level, Kind::login); }
    Result<directory::Change> set(const OrgScope& level, std::string_view language, Words words) {
        return texts_.set(level, {}, Kind::login, language, std::move(words));
    }
    std::string last_event() {
        std::string out;
        const auto read = store().read(Database::directory, [&](store::Reader& db) {
            return db.query(scope(), "SELECT type, body FROM events WHERE instance_no = ?1 ORDER BY pos DESC LIMIT 1", {},
                            [&](const store::Row& row) { out = std::string(row.text(0)) + " " + std::string(row.text(1)); });
        });
        EXPECT_TRUE(read) << read.error().message;
        return out;
    }

    Texts texts_{store()};
};
GODWIT_ON_BOTH_ENGINES(TextsTest);

TEST_P(TextsTest, EachLevelKeepsItsOwnWordsByLanguage) {
    EXPECT_TRUE(all(org(7)).empty());
    EXPECT_FALSE(*texts_.find(org(7), Kind::login, "de"));
    ASSERT_TRUE(set(instance(), "de", {{"a", "Instanz"}}));
    ASSERT_TRUE(set(org(7), "de", {{"a", "Sieben"}, {"empty", ""}}));
    ASSERT_TRUE(set(org(7), "en", {{"a", "seven"}}));
    EXPECT_EQ(all(instance()), (ByLanguage{{"de", {{"a", "Instanz"}}}}));
    EXPECT_EQ(all(org(7)), (ByLanguage{{"de", {{"a", "Sieben"}}}, {"en", {{"a", "seven"}}}}));
    EXPECT_TRUE(all(org(8)).empty());
    const auto found = *texts_.find(org(7), Kind::login, "de");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->words, (Words{{"a", "Sieben"}}));
    EXPECT_EQ(found->changed.sequence, 1);
}

TEST_P(TextsTest, SettingReplacesAllWordsOfTheLanguage) {
    ASSERT_TRUE(set(org(7), "de", {{"a", "1"}, {"b", "2"}}));
    const auto change = set(org(7), "de", {{"b", "3"}});
    EXPECT_EQ(change->sequence, 2);
    EXPECT_EQ(all(org(7)), (ByLanguage{{"de", {{"b", "3"}}}}));
    EXPECT_EQ(last_event(), R"(org.customtext.set {"template":"Login","language":"de","b":"3"})");
    ASSERT_TRUE(set(org(7), "de", {}));
    EXPECT_TRUE(all(org(7)).empty());
    EXPECT_FALSE(*texts_.find(org(7), Kind::login, "de"));
}

TEST_P(TextsTest, ResettingForgetsOneLanguage) {
    ASSERT_TRUE(set(org(7), "de", {{"a", "1"}}));
    ASSERT_TRUE(set(org(7), "en", {{"a", "2"}}));
    ASSERT_TRUE(texts_.reset(org(7), {}, Kind::login, "de"));
    EXPECT_EQ(last_event(), R"(org.customtext.template.removed {"template":"Login","language":"de"})");
    EXPECT_EQ(all(org(7)), (ByLanguage{{"en", {{"a", "2"}}}}));
    const auto again = texts_.reset(org(7), {}, Kind::login, "de");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::not_found);
}

TEST_P(TextsTest, OneLevelHasABoundedNumberOfLanguages) {
    for (int i = 0; i < kMaxLanguages; ++i) {
        const std::string language{static_cast<char>('a' + i / 26), static_cast<char>('a' + i % 26)};
        ASSERT_TRUE(set(org(7), language, {{"a", "x"}})) << language;
    }
    EXPECT_EQ(set(org(7), "zz", {{"a", "x"}}).error().id, "TEXT-Max01");
    EXPECT_TRUE(set(org(7), "aa", {{"a", "y"}}));
    EXPECT_TRUE(set(org(8), "zz", {{"a", "x"}}));
}

}  // namespace
}  // namespace godwit::text
