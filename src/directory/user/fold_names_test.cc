#include "directory/user/fold_names.h"

#include "directory/user/user_test_fixture.h"

namespace godwit::user {
namespace {

class FoldNamesTest : public UserStoreTest {
protected:
    std::size_t found(Query::Field field, std::string text) {
        const auto hits = users_.search(scope(), acme_, Query::text_is(field, std::move(text), store::TextMethod::equals_ignore_case),
                                        SortBy::unspecified, {});
        EXPECT_TRUE(hits) << hits.error().message;
        return hits ? hits->rows.size() : 0;
    }
};
GODWIT_ON_BOTH_ENGINES(FoldNamesTest);

TEST_P(FoldNamesTest, FillsInWhatVersionOneWrote) {
    std::vector<NewUser> batch;
    for (int i = 0; i < 1'500; ++i) batch.push_back(human("user" + std::to_string(i)));
    std::get<NewHuman>(batch.back().as).profile = {
        .first_name = "Zoë", .last_name = "Straße", .nick_name = "ZO", .display_name = "Zoë S.", .language = {}, .avatar = {}};
    ASSERT_TRUE(users_.create(acme(), batch, editor_));
    ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
        return db.exec(scope(),
                       "UPDATE users SET given_key = '', family_key = '', nick_key = '', display_key = NULL WHERE instance_no = ?1",
                       store::Params{});
    }));
    EXPECT_EQ(found(Query::Field::last_name, "STRASSE"), 0);

    const InstanceScope instances[] = {scope()};
    ASSERT_TRUE(fold_names(store(), instances));
    EXPECT_EQ(found(Query::Field::first_name, "ZOË"), 1);
    EXPECT_EQ(found(Query::Field::last_name, "STRASSE"), 1);
    EXPECT_EQ(found(Query::Field::nick_name, "zo"), 1);
    EXPECT_EQ(found(Query::Field::display_name, "zoë s."), 1);
    EXPECT_EQ(count("SELECT COUNT(*) FROM users WHERE instance_no = ?1 AND display_key IS NULL"), 0);
}

}  // namespace
}  // namespace godwit::user
