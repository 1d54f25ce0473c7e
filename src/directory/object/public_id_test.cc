#include "directory/object/public_id.h"

#include "base/id_generator.h"
#include "store/store_test_fixture.h"

namespace godwit::directory {
namespace {

using store::Database;

TEST(GivenIds, AreTextsOutsideTheGeneratedRange) {
    struct Row {
        std::string id;
        std::string error;  // "" accepted
    };
    const Row rows[] = {
        {"u1-251701", ""},
        {"auth0|5f7c", ""},
        {"345678901234567890", ""},   // eighteen digits, as the reference makes them
        {"4611686018427387903", ""},  // one below the range
        {"04611686018427387904", ""},
        {"+4611686018427387904", ""},
        {"4611686018427387904", "ID-Rsv01"},
        {"9223372036854775807", "ID-Rsv01"},
        {"9223372036854775808", ""},  // above it: no int64
        {std::string(200, 'x'), ""},
        {std::string(201, 'x'), "ID-Fmt01"},
        {"", "ID-Fmt01"},
        {"a\nb", "ID-Fmt01"},
        {"\xff", "ID-Fmt01"},
        {"a b", ""},
        {" a", "ID-Fmt01"},
        {"a ", "ID-Fmt01"},
        {"a\u00a0", "ID-Fmt01"},
        {"\u3000", "ID-Fmt01"},
        {"a\u202eb", "ID-Fmt01"},
        {"a\u2066b\u2069", "ID-Fmt01"},
        {"a\u200fb", ""},  // a mark that right-to-left names need
    };
    for (const auto& row : rows) {
        const auto accepted = accept_given_id(row.id);
        EXPECT_EQ(accepted ? "" : accepted.error().id, row.error) << row.id;
    }
}

class PublicIdTest : public store::StoreTest {
protected:
    /// An organization with this id, or a generated one.
    NewId add(std::optional<std::string> given) {
        auto id = store().write(Database::directory, [&](store::Writer& db) -> Result<NewId> {
            auto made = TRY(make_id(db, given));
            TRY(db.exec(scope(),
                        "INSERT INTO organizations (instance_no, id, public_id, public_id_key, name, name_key, created_at, changed_at) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?6)",
                        {made.key, made.public_id, made.public_id_key, made.shown(), db.now()}));
            return made;
        });
        EXPECT_TRUE(id) << id.error().message;
        return *id;
    }
    std::optional<std::int64_t> look_up(InstanceScope instance, std::string_view text) {
        return *store().read(Database::directory, [&](store::Reader& db) { return resolve(db, instance, Noun::organization, text); });
    }
};
GODWIT_ON_BOTH_ENGINES(PublicIdTest);

TEST_P(PublicIdTest, ResolvesGivenAndGeneratedIds) {
    const auto generated = add(std::nullopt);
    const auto given = add("Org-1");
    EXPECT_TRUE(is_generated_id(given.key));
    EXPECT_EQ(look_up(scope(), generated.shown()), generated.key);
    EXPECT_EQ(look_up(scope(), "Org-1"), given.key);
    EXPECT_EQ(look_up(scope(), "org-1"), std::nullopt) << "ids are compared byte for byte";
    EXPECT_EQ(look_up(scope(), std::to_string(given.key)), std::nullopt) << "a given id has no second name";
    EXPECT_EQ(look_up(scope(), ""), std::nullopt);
    EXPECT_EQ(look_up(scope(), "nope"), std::nullopt);
    EXPECT_EQ(look_up(other_scope(), "Org-1"), std::nullopt) << "another instance's";
    EXPECT_EQ(look_up(other_scope(), generated.shown()), std::nullopt);
}

TEST_P(PublicIdTest, ShowsTheIdOfAKey) {
    const auto given = add("Org-1");
    const auto generated = add(std::nullopt);
    const auto shown = [&](std::int64_t key) {
        return *store().read(Database::directory, [&](store::Reader& db) { return find_public_id(db, scope(), Noun::organization, key); });
    };
    EXPECT_EQ(shown(given.key), "Org-1");
    EXPECT_EQ(shown(generated.key), std::to_string(generated.key));
    EXPECT_EQ(shown(7), std::nullopt);
}

}  // namespace
}  // namespace godwit::directory
