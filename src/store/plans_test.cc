#include <gmock/gmock.h>

#include "store/store_test_fixture.h"

namespace godwit::store {
namespace {

using ::testing::ContainsRegex;

class PlansTest : public StoreTest {
protected:
    /// The first column of each row.
    std::vector<std::string> texts(Database database, const std::string& sql, int column = 0) {
        std::vector<std::string> out;
        EXPECT_TRUE(store().read(database, [&](Reader& db) {
            return db.system_query(sql, {}, [&](const Row& row) { out.emplace_back(row.text(column)); });
        })) << sql;
        return out;
    }
    std::string text(Database database, const std::string& sql) {
        const auto all = texts(database, sql);
        return all.empty() ? "" : all.front();
    }
};
INSTANTIATE_TEST_SUITE_P(OnSqlite, PlansTest, ::testing::Values("sqlite"));

/// All rows may be those of one instance: a statement that names more than the instance must not read them all.
TEST_P(PlansTest, EachColumnBehindTheInstanceIsUsed) {
    std::size_t asked = 0;
    for (const Database database : {Database::directory, Database::runtime}) {
        for (const auto& table : texts(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%instance_no%'")) {
            for (const auto& index : texts(database, "SELECT name FROM pragma_index_list('" + table + "')")) {
                const auto columns = texts(database, "SELECT name FROM pragma_index_info('" + index + "') ORDER BY seqno");
                if (columns.size() < 2 || columns[0] != "instance_no") continue;
                const auto partly = text(database, "SELECT substr(sql, instr(sql, ' WHERE ') + 7) FROM sqlite_schema WHERE name = '" +
                                                       index + "' AND instr(sql, ' WHERE ') > 0");
                std::string where = "instance_no = 1" + (partly.empty() ? "" : " AND " + partly);
                for (std::size_t i = 1; i < columns.size(); ++i) {
                    where.append(" AND ").append(columns[i]).append(" = '1'");
                    const std::string sql = "EXPLAIN QUERY PLAN SELECT * FROM " + table + " WHERE " + where;
                    EXPECT_THAT(texts(database, sql, 3).at(0), ContainsRegex("instance_no=. AND [a-z_0-9]+=")) << sql;
                    ++asked;
                }
            }
        }
    }
    EXPECT_GT(asked, 100U);
}

}  // namespace
}  // namespace godwit::store
