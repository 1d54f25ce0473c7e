#include "migration/input/csv.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace godwit::migration {
namespace {

std::string file(const std::string& name, std::string_view bytes) {
    const std::string path = ::testing::TempDir() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

using Row = std::vector<std::string>;

Result<std::vector<Row>> rows_of(std::vector<std::string> paths, char delimiter = '\0') {
    CsvRows rows = TRY(CsvRows::open(std::move(paths), delimiter));
    std::vector<Row> out{rows.header()};
    Row row;
    while (TRY(rows.next(row))) {
        EXPECT_EQ(parse_csv_line(csv_line(row, rows.delimiter()), rows.delimiter()), row);
        out.push_back(row);
    }
    EXPECT_EQ(rows.read_bytes(), rows.total_bytes());
    return out;
}

TEST(Csv, ReadsWhatSpreadsheetsWrite) {
    const std::pair<std::string_view, std::vector<Row>> files[] = {
        {"a,b\n1,2\n", {{"a", "b"}, {"1", "2"}}},
        {"a;b\r\n1;2,5\r\n", {{"a", "b"}, {"1", "2,5"}}},
        {"a\tb\n1\t\n\t2\n", {{"a", "b"}, {"1", ""}, {"", "2"}}},
        {"\xef\xbb\xbf"
         "a,b\n\"x\ny\",\"he said \"\"hi\"\"\"\n\n,\n 1 ,\" 2 \"",
         {{"a", "b"}, {"x\ny", "he said \"hi\""}, {"1", " 2 "}}},
        {"a,b\n5\" pipe,x\n", {{"a", "b"}, {"5\" pipe", "x"}}},
        {"only\n1\n", {{"only"}, {"1"}}},
    };
    for (const auto& [text, due] : files) {
        const auto rows = rows_of({file("x.csv", text)});
        ASSERT_TRUE(rows) << text << rows.error().message;
        EXPECT_EQ(*rows, due) << text;
    }
    std::string many = "id,name\n";
    for (int i = 0; i < 20000; ++i) many += std::to_string(i) + ",\"n,\n" + std::to_string(i) + "\"\n";
    const auto rows = rows_of({file("many.csv", many), file("more.csv", "id,name\nlast,x")});
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 20002u);
    EXPECT_EQ(rows->at(20000)[1], "n,\n19999");
    EXPECT_EQ(rows->back()[0], "last");
}

TEST(Csv, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(rows_of({file("empty.csv", "")}).error().id, "MIGRATE-Cs3");
    EXPECT_EQ(rows_of({file("twice.csv", "a,a\n")}).error().id, "MIGRATE-Cs5");
    EXPECT_EQ(rows_of({file("one.csv", "a,b\n"), file("two.csv", "b,a\n")}).error().id, "MIGRATE-Cs4");
    const auto open = rows_of({file("open.csv", "a,b\n1,2\n3,\"4\n5,6\n")});
    ASSERT_FALSE(open);
    EXPECT_NE(open.error().message.find("open.csv, row 3: "), std::string::npos) << open.error().message;
    const std::string much(17u << 20, 'x');
    const auto endless = rows_of({file("endless.csv", "a,b\n1,\"" + much)});
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().id, "MIGRATE-Cs2");
    // Where the quote stood, however many rows it swallows, and also in a row that is too long for other reasons.
    std::string rows_behind, cells;
    while (rows_behind.size() < much.size()) rows_behind += "5,6\n";
    for (int i = 0; i < 100'001; ++i) cells += ",x";
    for (const std::string& row : {std::string("3,\"4"), "3,4" + cells + ",\"4", "3," + much + ",\"4"}) {
        CsvRows rows = *CsvRows::open({file("stray.csv", "a,b\n1,2\n" + row + "\n" + rows_behind + "7,\"8\"\n")});
        Row cells_of_row;
        auto more = rows.next(cells_of_row);
        ASSERT_TRUE(more && *more) << "what stands before it is read";
        more = rows.next(cells_of_row);
        ASSERT_FALSE(more) << row.substr(0, 10);
        EXPECT_EQ(more.error().id, "MIGRATE-Cs2");
        EXPECT_NE(more.error().message.find("stray.csv, row 3: "), std::string::npos) << more.error().message;
    }
    const auto header = rows_of({file("header.csv", "a," + much + "\n1,2\n")});
    ASSERT_FALSE(header);
    EXPECT_NE(header.error().message.find("header.csv, row 1: "), std::string::npos) << header.error().message;
}

TEST(Csv, ARowThatIsTooLongIsTheOnlyOneLost) {
    const std::string much(17u << 20, 'x'), blanks(17u << 20, ' '), half(7u << 20, 'x');
    std::string cells;
    for (int i = 0; i < 100'001; ++i) cells += ",x";
    for (const std::string& row :
         {"2," + much, "2,a" + blanks + "b,c", "2,\"a\"" + blanks, "2,\"" + half + "\"\"\n,\"\"" + half + "\",\"" + half + "\"\"\n,\" ",
          "2," + much + "," + much, "2" + cells}) {
        CsvRows rows = *CsvRows::open({file("long.csv", "a,b\n1,\"q\"\n" + row + "\n3,\"y \"\"z\"\n")});
        std::vector<std::tuple<std::string, std::size_t, bool>> seen;
        Row cells_of_row;
        for (auto more = rows.next(cells_of_row); more && *more; more = rows.next(cells_of_row))
            seen.emplace_back(cells_of_row.front(), std::min<std::size_t>(cells_of_row.size(), 2), rows.too_long());
        ASSERT_EQ(seen.size(), 3u) << row.substr(0, 10);
        EXPECT_EQ(seen[0], std::make_tuple("1", 2, false));
        EXPECT_EQ(std::get<0>(seen[1]), "2");
        EXPECT_TRUE(std::get<2>(seen[1])) << row.substr(0, 10);
        EXPECT_EQ(seen[2], std::make_tuple("3", 2, false));
        EXPECT_EQ(cells_of_row.back(), "y \"z");
        EXPECT_NE(rows.place().find(", row 4"), std::string::npos) << rows.place();
    }
}

}  // namespace
}  // namespace godwit::migration
