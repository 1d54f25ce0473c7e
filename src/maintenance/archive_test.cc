#include "maintenance/archive.h"

#include <gmock/gmock.h>

#include <string>

namespace godwit::maintenance {
namespace {

const std::string kDigest(64, 'a');

TEST(Tar, HeadersAreReadAsTheyWereWritten) {
    for (const std::int64_t bytes : {0LL, 1LL, 511LL, 8'589'934'591LL, 8'589'934'592LL, 1LL << 45}) {
        const std::string block = tar_header("directory.db", bytes);
        ASSERT_EQ(block.size(), kTarBlock);
        const auto member = read_tar_header(block);
        ASSERT_TRUE(member) << bytes;
        EXPECT_EQ(member->name, "directory.db");
        EXPECT_EQ(member->bytes, bytes);
    }
}

TEST(Tar, RefusesBrokenHeaders) {
    const std::string good = tar_header("runtime.db", 1000);
    for (std::size_t at : {0U, 100U, 124U, 130U, 148U, 156U, 257U, 500U}) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        EXPECT_FALSE(read_tar_header(bad)) << at;
    }
    for (const std::string& bad : {std::string(), std::string(512, '\0'), good.substr(1), good + "x"}) EXPECT_FALSE(read_tar_header(bad));
}

TEST(Manifest, IsReadAsItWasWritten) {
    const Manifest written{.made = "2026-01-02T03:04:05Z", .sha256 = {{"directory.db", kDigest}, {"runtime.db", std::string(64, 'b')}}};
    const auto read = read_manifest(to_text(written));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->made, written.made);
    EXPECT_EQ(read->sha256, written.sha256);
}

TEST(Manifest, RefusesWhatItDoesNotKnow) {
    const std::string one = kDigest + "  directory.db\n", two = kDigest + "  runtime.db\n";
    const struct {
        const char* name;
        std::string text;
        const char* id;
    } rows[] = {
        {"nothing", "", "BKP-Man01"},
        {"another file", "hello\n", "BKP-Man01"},
        {"a newer form", "godwit-backup 2\nanything\n", "BKP-Man02"},
        {"no time", "godwit-backup 1\n" + one + two, "BKP-Man01"},
        {"a member less", "godwit-backup 1\nmade x\n" + one, "BKP-Man01"},
        {"a member twice", "godwit-backup 1\nmade x\n" + one + one, "BKP-Man01"},
        {"a member more", "godwit-backup 1\nmade x\n" + one + two + kDigest + "  ../x\n", "BKP-Man01"},
        {"a short digest", "godwit-backup 1\nmade x\n" + one + "aa  runtime.db\n", "BKP-Man01"},
        {"no end of line", "godwit-backup 1\nmade x\n" + one + kDigest + "  runtime.db", "BKP-Man01"},
    };
    for (const auto& row : rows) {
        const auto read = read_manifest(row.text);
        ASSERT_FALSE(read) << row.name;
        EXPECT_EQ(read.error().id, row.id) << row.name;
    }
}

}  // namespace
}  // namespace godwit::maintenance
