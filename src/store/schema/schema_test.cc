#include <gmock/gmock.h>

#include "store/schema/parameters.h"
#include "store/schema/translate.h"
#include "store/schema/upgrade.h"

namespace godwit::store::schema {
namespace {

using ::testing::ElementsAre;

TEST(Translate, MakesEachEnginesStatements) {
    constexpr std::string_view kText =
        "-- A comment; with a semicolon, and BLOB.\n"
        "CREATE TABLE t (\n"
        "    id BIGINT NOT NULL,  -- BIGINT\n"
        "    state SMALLINT NOT NULL,\n"
        "    name TEXT NOT NULL DEFAULT 'TEXT; it''s',\n"
        "    body BLOB,\n"
        "    PRIMARY KEY (id)\n"
        ");\n"
        "--! postgres ALTER TABLE t SET (fillfactor = 90)\n"
        "--! sqlite ANALYZE\n"
        "CREATE INDEX t_text ON t (name);\n";
    EXPECT_THAT(
        translate(kText, Dialect::sqlite),
        ElementsAre(
            "CREATE TABLE t (\n    id INTEGER NOT NULL,  \n    state INTEGER NOT NULL,\n    name TEXT NOT NULL DEFAULT 'TEXT; it''s',\n"
            "    body BLOB,\n    PRIMARY KEY (id)\n) STRICT, WITHOUT ROWID",
            "ANALYZE", "CREATE INDEX t_text ON t (name)"));
    EXPECT_THAT(translate(kText, Dialect::postgres),
                ElementsAre("CREATE TABLE t (\n    id BIGINT NOT NULL,  \n    state SMALLINT NOT NULL,\n"
                            "    name text COLLATE \"C\" NOT NULL DEFAULT 'TEXT; it''s',\n    body bytea,\n    PRIMARY KEY (id)\n)",
                            "ALTER TABLE t SET (fillfactor = 90)", "CREATE INDEX t_text ON t (name)"));
}

TEST(Translate, EveryTableBeginsItsKeyWithTheInstance) {
    constexpr std::string_view kGlobal[] = {"instance_domains", "nodes"};
    for (const Database database : {Database::directory, Database::runtime}) {
        for (const Version& version : versions(database)) {
            for (const std::string& statement : translate(version.sql, Dialect::sqlite)) {
                if (!statement.starts_with("CREATE TABLE ")) continue;
                const std::string name = statement.substr(13, statement.find(' ', 13) - 13);
                if (std::ranges::find(kGlobal, name) != std::end(kGlobal)) continue;
                EXPECT_NE(statement.find("PRIMARY KEY (instance_no"), std::string::npos) << name;
            }
        }
    }
}

TEST(Parameters, AreFoundOutsideTextsAndComments) {
    const struct {
        const char* sql;
        int highest;
        bool names_first;
        const char* dollars;
    } rows[] = {
        {"SELECT 1", 0, false, "SELECT 1"},
        {"a = ?1 AND b = ?2 OR c=?12", 12, true, "a = $1 AND b = $2 OR c=$12"},
        {"a = ?2", 2, false, "a = $2"},
        {"a = '?1 it''s ?3' AND b = ?2 -- ?9\nAND \"?8\" = ?1", 2, true, "a = '?1 it''s ?3' AND b = $2 -- ?9\nAND \"?8\" = $1"},
        {"a = '?1", 0, false, "a = '?1"},
        {"a = ?1 -- ?2", 1, true, "a = $1 -- ?2"},
    };
    for (const auto& row : rows) {
        const Parameters found = find_parameters(row.sql);
        EXPECT_EQ(found.highest, row.highest) << row.sql;
        EXPECT_EQ(found.names_first, row.names_first) << row.sql;
        EXPECT_EQ(with_dollar_parameters(row.sql), row.dollars);
    }
    EXPECT_DEATH(find_parameters("a = ?"), "without a number");
}

TEST(StorableText, IsUtf8WithoutNul) {
    for (const char* good : {"", "a", "12345678", "1234567890abcdef", "12345678ä", "ä2345678", "🦉"})
        EXPECT_TRUE(is_storable_text(good)) << good;
    for (const std::string& bad :
         {std::string("\0", 1), std::string("1234567\0", 8), std::string("12345678\0", 9), std::string("ä\0", 3),
          std::string("12345678\xff"), std::string("\x80"), std::string("1234567\x80"), std::string("\xed\xa0\x80")}) {
        EXPECT_FALSE(is_storable_text(bad)) << bad;
    }
}

TEST(Plan, SaysWhatToApplyOrWhyNot) {
    constexpr Version kKnown[] = {{1, "", 1, 1}, {2, "", 1, 1}, {3, "", 2, 3}};
    const struct {
        const char* name;
        std::optional<State> found;
        std::optional<std::size_t> to_apply;  // none: refused
    } rows[] = {
        {"a new database", {}, 3},
        {"the first version", State{1, 1, 1}, 2},
        {"the last version", State{3, 2, 3}, 0},
        {"a newer one that allows us", State{5, 2, 3}, 0},
        {"a newer one that lets us read only", State{5, 3, 4}, {}},
        {"a newer one that does not even let us read", State{5, 4, 5}, {}},
    };
    for (const auto& row : rows) {
        const auto planned = plan(Database::runtime, kKnown, row.found);
        ASSERT_EQ(planned.has_value(), row.to_apply.has_value()) << row.name;
        if (planned) {
            EXPECT_EQ(planned->size(), *row.to_apply) << row.name;
        } else {
            EXPECT_EQ(planned.error().code, Code::failed_precondition) << row.name;
        }
    }
}

TEST(CheckReadable, WantsTheSchemaThatTheProgramKnows) {
    constexpr Version kKnown[] = {{1, "", 1, 1}, {2, "", 1, 1}, {3, "", 2, 3}};
    const struct {
        const char* name;
        std::optional<State> found;
        const char* error;  // "": may be read
    } rows[] = {
        {"nothing", {}, "STORE-empty"},
        {"an older version", State{2, 1, 1}, "STORE-older"},
        {"the last version", State{3, 2, 3}, ""},
        {"a newer one that lets us read only", State{5, 3, 4}, ""},
        {"a newer one that does not even let us read", State{5, 4, 5}, "STORE-newer"},
    };
    for (const auto& row : rows) {
        const auto checked = check_readable(Database::runtime, kKnown, row.found);
        EXPECT_EQ(checked ? "" : checked.error().id, row.error) << row.name;
    }
}

TEST(Versions, AreNumberedWithoutGaps) {
    for (const Database database : {Database::directory, Database::runtime}) {
        int number = 0;
        for (const Version& version : versions(database)) {
            EXPECT_EQ(version.number, ++number);
            EXPECT_LE(version.min_reader, version.number);
            EXPECT_LE(version.min_reader, version.min_writer);
            EXPECT_FALSE(version.sql.empty());
        }
        EXPECT_GT(number, 0);
    }
}

}  // namespace
}  // namespace godwit::store::schema
