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
    EXPECT_NE(open.error().message.find("open.csv, row 2: "), std::string::npos) << open.error().message;
    const auto endless = rows_of({file("endless.csv", "a,b\n1,\"" + std::string(17u << 20, 'x'))});
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().id, "MIGRATE-Cs2");
}

}  // namespace
}  // namespace godwit::migration
