#include "migration/sources/table/table.h"

#include "migration/sources/golden_fixture.h"
#include "migration/sources/table/damage.h"
#include "migration/sources/table/mapping.h"

namespace godwit::migration {
namespace {

const std::string kFixtures = "tests/fixtures/migrate/csv/";

TEST(Table, MapsCsvByItsMapping) {
    const SourceOptions options{.paths = {kFixtures + "users.csv"}, .mapping = kFixtures + "mapping.yaml"};
    const auto reading = read_all(csv_kind(), options);
    ASSERT_TRUE(reading) << reading.error().message;
    expect_golden(*reading, kFixtures + "users.golden");
    ASSERT_TRUE(reading->warns("source.unmapped_columns"));
    EXPECT_EQ(reading->warnings[0].message, "tier");
    EXPECT_EQ(reading->records[0].source_id(), "0001") << "zeros stay";
    EXPECT_EQ(reading->records[1].phone().number(), "+41791234567") << "the plus is back";
    expect_round_trip(csv_kind(), *reading, {.mapping = options.mapping}, ".csv");
}

TEST(Table, MapsJsonLinesByTheirMapping) {
    const SourceOptions options{.paths = {kFixtures + "people.ndjson"}, .mapping = kFixtures + "people.yaml"};
    const auto reading = read_all(ndjson_kind(), options);
    ASSERT_TRUE(reading) << reading.error().message;
    expect_golden(*reading, kFixtures + "people.golden");
    EXPECT_TRUE(reading->records[0].metadata().at("flags").struct_value().fields().at("beta").bool_value());
    EXPECT_EQ(reading->records[0].metadata().at("score").number_value(), 12.5) << "kept as the rest";
}

TEST(Table, KnowsTheUsualColumnsWithoutAMapping) {
    for (const auto& [kind, file] : {std::pair{csv_kind(), "standard.csv"}, {tsv_kind(), "standard.tsv"}}) {
        const auto reading = read_all(kind, {.paths = {kFixtures + file}});
        ASSERT_TRUE(reading) << reading.error().message;
        ASSERT_EQ(reading->records.size(), 2u);
        const auto& ada = reading->records[0];
        EXPECT_EQ(ada.user_name(), "ada");
        EXPECT_TRUE(ada.email().verified());
        EXPECT_TRUE(ada.password().hash().starts_with("$2b$"));
        EXPECT_EQ(ada.totp(0).key(), "JBSWY3DPEHPK3PXP");
        EXPECT_EQ(ada.idp_links(0).idp(), "google");
        EXPECT_EQ(ada.metadata().at("tier").string_value(), "gold");
        EXPECT_EQ(reading->records[1].state(), "inactive");
        EXPECT_EQ(reading->records[1].totp_size(), 0);
        EXPECT_EQ(reading->warnings[0].message, "shoe size");
    }
}

TEST(Table, AsksForAMappingWhenNobodyIsNamed) {
    const std::string path = ::testing::TempDir() + "/colours.csv";
    std::ofstream(path) << "colour,size\nred,3\n";
    const auto reading = read_all(csv_kind(), {.paths = {path}});
    ASSERT_FALSE(reading);
    EXPECT_NE(reading.error().message.find("migrate map --suggest"), std::string::npos);
}

TEST(Table, ProposesAMappingThatCanBeUsed) {
    const auto proposed = suggest_mapping("csv", {.paths = {kFixtures + "users.csv"}});
    ASSERT_TRUE(proposed) << proposed.error().message;
    for (const char* line :
         {"sourceId: \"{id}\"", "email.address: \"{mail}\"", "password.hash: \"{hash}\"", "profile.givenName: \"{first}\"",
          "phone.number: \"{mobile}\"", "createdAt: \"{signup}\"", "\"deleted\": inactive", "# metadata.tier: \"{tier}\""})
        EXPECT_NE(proposed->find(line), std::string::npos) << line << " is not in\n" << *proposed;
    EXPECT_TRUE(Mapping::parse(*proposed, "proposed")) << *proposed;
    const auto lines = suggest_mapping("ndjson", {.paths = {kFixtures + "people.ndjson"}});
    ASSERT_TRUE(lines);
    EXPECT_NE(lines->find("email.address: \"{contact.mail}\""), std::string::npos) << *lines;
}

TEST(Table, APasswordIsNothingThatASpreadsheetDid) {
    const std::string path = ::testing::TempDir() + "/passwords.csv";
    const std::vector<std::string> chosen{"#####", "#REF!", "1E+5", "1234567890123450000", "3/4/2023", "Jos\xc3\x83\xc2\xa9"};
    {
        std::ofstream file(path);
        file << "id,password\n";
        for (std::size_t i = 0; i < chosen.size(); ++i) file << "u" << i << "," << chosen[i] << "\n";
    }
    const std::string mapping = ::testing::TempDir() + "/passwords.yaml";
    std::ofstream(mapping) << "version: 1\nrecord:\n  sourceId: \"{id}\"\n  userName: \"{id}\"\n  password.plain: \"{password}\"\n";
    const auto reading = read_all(csv_kind(), {.paths = {path}, .mapping = mapping});
    ASSERT_TRUE(reading) << reading.error().message;
    ASSERT_EQ(reading->records.size(), chosen.size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        EXPECT_EQ(reading->records[i].password().plain(), chosen[i]);
        EXPECT_EQ(reading->records[i].origin().codes_size(), 0) << chosen[i];
    }
    const auto proposed = suggest_mapping("csv", {.paths = {path}});
    ASSERT_TRUE(proposed) << proposed.error().message;
    EXPECT_EQ(proposed->find("a spreadsheet damaged"), std::string::npos) << *proposed;
}

TEST(Table, SaysWhatIsNotUtf8) {
    const std::string path = ::testing::TempDir() + "/latin.csv";
    std::ofstream(path) << "id,given_name\n1,Jos\xe9\n2,Bo\n";
    const auto reading = read_all(csv_kind(), {.paths = {path}});
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->errors.at(0).id, "record.not_utf8");
    EXPECT_EQ(reading->records.size(), 1u);
    std::ofstream(path) << "id,pr\xe9nom\n1,Ada\n";
    EXPECT_NE(read_all(csv_kind(), {.paths = {path}}).error().message.find("iconv"), std::string::npos);
}

TEST(Table, AProposalSaysWhatSpreadsheetsDid) {
    const std::string path = ::testing::TempDir() + "/damaged.tsv";
    {
        std::ofstream file(path);
        file << "id\tusername\t\"last\nlogin\"\tpersonnel\n1.10E+18\tada\t\"3/4/\n2023\"\t#####\n2\tbo\t#REF!\t10000\n";
        for (int i = 3; i < 100; ++i) file << i << "\tu" << i << "\tx\t" << (i == 50 ? 12 : 10000 + i) << "\n";
    }
    const auto proposed = suggest_mapping("tsv", {.paths = {path}});
    ASSERT_TRUE(proposed) << proposed.error().message;
    for (const char* line :
         {"# Column \"id\": a spreadsheet damaged 1 of the first 99 values, such as \"1.10E+18\" (sheet.rounded_number).\n",
          "# Column \"last\\nlogin\": a spreadsheet damaged 1 of the first 99 values, such as \"#REF!\" (sheet.error_value).\n",
          "# Column \"personnel\": a spreadsheet damaged 1 of the first 99 values, such as \"#####\" (sheet.error_value).\n",
          "  # metadata.lastlogin: \"{last\\nlogin}\"\n", "delimiter: \"\\t\"\n"})
        EXPECT_NE(proposed->find(line), std::string::npos) << line << " is not in\n" << *proposed;
    EXPECT_TRUE(Mapping::parse(*proposed, "proposed")) << *proposed;
}

TEST(Mapping, SaysWhereAMistakeIs) {
    const std::pair<const char*, const char*> rows[] = {
        {"record:\n  emial.address: x", "m.yaml:2: emial: the record has no such member"},
        {"record:\n  email.adress: x", "m.yaml:2: email.adress: the record has no such member"},
        {"record:\n  origin.record: 1", "origin: the record has no such member"},
        {"record:\n  userName: \"{id\"", "a brace is not closed"},
        {"record:\n  userName: {frm: id}", "\"frm\" is not known"},
        {"record:\n  userName: {default: x}", "`from` or `value` is due"},
        {"record:\n  totp: {key: x}", "totp is a list"},
        {"record:\n  userName: x\nskip: {field: a}", "m.yaml:3: a condition needs"},
        {"record:\n  userName: x\nskip: {field: a, is: 1, empty: true}", "one test"},
        {"record:\n  userName: x\nrest: keep", "rest is report"},
        {"record:\n  userName: x\nreset: keep", "\"reset\" is not known"},
        {"version: 2", "version 1 is due"},
        {"record: [", "m.yaml:"},
        {"", "a map with `record`"},
        {"version: 1", "`record` says nothing"},
    };
    for (const auto& [yaml, words] : rows) {
        const auto mapping = Mapping::parse(yaml, "m.yaml");
        ASSERT_FALSE(mapping) << yaml;
        EXPECT_NE(mapping.error().message.find(words), std::string::npos) << mapping.error().message;
    }
}

TEST(Damage, IsSeen) {
    const std::pair<std::string, std::string_view> rows[] = {
        {"#NAME?", "sheet.error_value"},
        {"#####", "sheet.error_value"},
        {"###", "sheet.error_value"},
        {"##", ""},
        {"#", ""},
        {"1.10E+18", "sheet.rounded_number"},
        {"4,19E+10", "sheet.rounded_number"},
        {"1E+5", "sheet.rounded_number"},
        {"123456789012345000", "sheet.rounded_number"},
        {std::string(255, 'x'), "sheet.truncated"},
        {"3/4/2023", "sheet.date_rewritten"},
        {"Jos\xc3\x83\xc2\xa9", "sheet.wrong_encoding"},
        {"Jos\xef\xbf\xbd", "sheet.wrong_encoding"},
        {"123456789012345678", ""},
        {"1000000000", ""},
        {"José", ""},
        {"a/b/c", ""},
        {"DE+3", ""},
        {"5E-", ""},
    };
    for (const auto& [value, code] : rows) EXPECT_EQ(find_damage(value).value_or(""), code) << value;
    EXPECT_EQ(with_lost_plus("41791234567"), "+41791234567");
    EXPECT_FALSE(with_lost_plus("0791234567"));
    EXPECT_FALSE(with_lost_plus("+41791234567"));
}

TEST(Table, SeesColumnsThatLostTheirZeros) {
    const std::string path = ::testing::TempDir() + "/zeros.csv";
    {
        std::ofstream file(path);
        file << "id,email\n";
        for (int i = 0; i < 200; ++i) file << (i == 100 ? 12345 : 10000000 + i * 7) << ",u" << i << "@acme.example\n";
    }
    const auto reading = read_all(csv_kind(), {.paths = {path}});
    ASSERT_TRUE(reading);
    for (std::size_t i = 0; i < reading->records.size(); ++i) EXPECT_EQ(reading->records[i].origin().codes_size(), i == 100 ? 1 : 0) << i;
    EXPECT_EQ(reading->records[100].origin().codes(0), "sheet.lost_zeros");
}

TEST(Table, SaysWhichCellsNoColumnHas) {
    const std::string path = ::testing::TempDir() + "/shifted.csv", mapping = ::testing::TempDir() + "/shifted.yaml";
    std::ofstream(path) << "id,first,last\n1,Ada,L\n2,Bo,M,x, ,y\n3,Cy,\n";
    const auto codes_of = [&](const std::string& more) {
        std::ofstream(mapping) << "record: {sourceId: '{id}', profile: {givenName: '{first}', familyName: '{last}'" << more << "}}\n";
        const auto reading = read_all(csv_kind(), {.paths = {path}, .mapping = mapping});
        EXPECT_TRUE(reading) << reading.error().message;
        std::string out;
        for (const auto& record : reading->records) {
            for (const auto& code : record.origin().codes()) out += code + " ";
            for (const auto& lost : record.origin().lost()) out += "[" + lost + "] ";
        }
        return out;
    };
    EXPECT_EQ(codes_of(""), "sheet.extra_cells [column 4] [column 6] ");
    EXPECT_EQ(codes_of(", nickName: '{column 4}', displayName: '{column 6}'"), "") << "named by its place";
}

TEST(Table, SaysOfFieldsThatComeLate) {
    const std::string path = ::testing::TempDir() + "/late.ndjson";
    {
        std::ofstream out(path);
        for (int i = 0; i < 10'000; ++i) out << R"({"id":")" << i << R"(","username":"u)" << i << "\"}\n";
        out << R"({"id":"last","username":"last","shoe":{"size":42}})" << "\n";
    }
    const auto reading = read_all(ndjson_kind(), {.paths = {path}});
    ASSERT_TRUE(reading) << reading.error().message;
    const v1::Origin& last = reading->records.back().origin();
    ASSERT_EQ(last.lost_size(), 1) << last.DebugString();
    EXPECT_EQ(last.lost(0), "shoe.size");
    EXPECT_EQ(last.codes(0), "record.unknown_member");
    EXPECT_EQ(reading->records.front().origin().lost_size(), 0);
}

TEST(Table, IsNoSuccessWithoutRowsThoughColumnsAreUnknown) {
    const std::string path = ::testing::TempDir() + "/nobody.csv";
    std::ofstream(path) << "id,username,shoe size\n";
    const std::string mapping = ::testing::TempDir() + "/nobody.yaml";
    std::ofstream(mapping) << "record:\n  sourceId: \"{id}\"\n";
    const auto reading = read_all(csv_kind(), {.paths = {path}, .mapping = mapping});
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_TRUE(reading->warns("source.unmapped_columns"));
    EXPECT_TRUE(reading->warns("source.no_users"));
}

TEST(Table, ProposesNothingForWhatIsNoTable) {
    const std::string path = ::testing::TempDir() + "/no-table";
    const std::tuple<std::string_view, std::string_view, std::string_view> rows[] = {
        {"csv",
         std::string_view("\x7f"
                          "ELF\2\1\1\0\0,\0\x90\n\1\2,\3\n",
                          18),
         "MIGRATE-Cs6"},
        {"csv", "\xff\xd8\xff\xe0,JFIF\n1,2\n", "MIGRATE-Map5"},
        {"csv", "", "MIGRATE-Cs3"},
        {"csv", "\n\n", "MIGRATE-Cs3"},
        {"csv", "name,email\n", "MIGRATE-Map5"},
        {"ndjson",
         "\x7f"
         "ELF\n",
         "MIGRATE-Map5"},
        {"ndjson", "[1]\n2\n", "MIGRATE-Map5"},
    };
    for (const auto& [kind, bytes, id] : rows) {
        std::ofstream(path, std::ios::binary) << bytes;
        const auto proposed = suggest_mapping(kind, {.paths = {path}});
        ASSERT_FALSE(proposed) << bytes << " -> " << *proposed;
        EXPECT_EQ(proposed.error().id, id) << proposed.error().message;
        EXPECT_NE(proposed.error().message.find(path), std::string::npos) << proposed.error().message;
    }
}

TEST(Table, ARefusedRowHasItsIdWhenItCanBeRead) {
    const std::string rows = ::testing::TempDir() + "/refused.csv", lines = ::testing::TempDir() + "/refused-table.ndjson";
    const std::string mapping = ::testing::TempDir() + "/refused.yaml";
    std::ofstream(mapping)
        << "skip: {field: kind, is: bot}\nrecord:\n  sourceId: {from: key.no}\n  userName: \"{name}\"\n  otpSms: {from: sms}\n";
    std::ofstream(rows) << "key.no,name,sms,kind\n1,ada,perhaps,\n2,bob,,bot\n#NAME?,eve,,\n";
    std::ofstream(lines) << R"({"key":{"no":1},"name":"ada","sms":"perhaps"})"
                            "\n"
                            R"({"name":"bob","key":{"no":2},"kind":"bot"})"
                            "\n"
                         << R"({"key":{"no":3},"name":tru})"
                            "\n";
    const std::tuple<SourceKind, std::string, std::map<std::uint64_t, std::string>> kinds[] = {
        {csv_kind(), rows, {{1, "1"}, {2, "2"}, {3, ""}}},
        {ndjson_kind(), lines, {{1, "1"}, {2, "2"}, {3, "3"}}},
    };
    for (const auto& [kind, path, ids] : kinds) {
        const auto reading = read_all(kind, {.paths = {path}, .mapping = mapping});
        ASSERT_TRUE(reading) << reading.error().message;
        EXPECT_EQ(reading->refused, ids) << kind.name;
    }
}

}  // namespace
}  // namespace godwit::migration
