#include "migration/input/input.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

#include "migration/input/files.h"
#include "migration/input/json_arrays.h"
#include "migration/input/lines.h"

namespace godwit::migration {
namespace {

namespace fs = std::filesystem;

class InputTest : public ::testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/godwit-input-XXXXXX";
        folder_ = ::mkdtemp(name);
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string file(const std::string& name, std::string_view bytes) {
        const std::string path = folder_ + "/" + name;
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    Result<std::string> all(const std::string& path, std::size_t step = 7) {
        Input input = TRY(Input::open(path));
        std::string out, piece(step, '\0');
        for (;;) {
            const std::size_t got = TRY(input.read(piece));
            if (got == 0) return out;
            out.append(piece, 0, got);
        }
    }

    std::string folder_;
};

std::string gzip(std::string_view text) {
    z_stream stream{};
    ::deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

std::string zstd(std::string_view text, int window_log = 0) {
    const std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)> context(::ZSTD_createCCtx(), &::ZSTD_freeCCtx);
    if (window_log != 0) {
        ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
        ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
    }
    std::string out(::ZSTD_compressBound(text.size()), '\0');
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    ZSTD_inBuffer from{text.data(), text.size(), 0};
    if (window_log != 0) ::ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_flush);
    ::ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_end);
    out.resize(to.pos);
    return out;
}

std::string utf16(std::u16string_view text, bool big_endian) {
    std::string out;
    for (const char16_t unit : text) {
        const auto high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xff);
        out += big_endian ? high : low;
        out += big_endian ? low : high;
    }
    return out;
}

TEST_F(InputTest, ReadsEveryPacking) {
    const std::string text = "{\"a\":\"é李😀\"}\nnext";
    const std::u16string wide = u"{\"a\":\"é李😀\"}\nnext";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"plain", text},
        {"mark", "\xef\xbb\xbf" + text},
        {"gz", gzip(text)},
        {"gz filled up with zeros", gzip(text) + std::string(1000, '\0')},
        {"gz of two members", gzip(text.substr(0, 5)) + gzip(text.substr(5))},
        {"zst", zstd(text)},
        {"zst with a frame to pass over", zstd(text) + std::string("\x5e\x2a\x4d\x18\x02\0\0\0no", 10)},
        {"zst of two frames", zstd(text.substr(0, 5)) + zstd(text.substr(5))},
        {"utf-16le", "\xff\xfe" + utf16(wide, false)},
        {"utf-16be", "\xfe\xff" + utf16(wide, true)},
        {"utf-16le without a mark", utf16(wide, false)},
        {"utf-16be without a mark", utf16(wide, true)},
        {"gz of utf-16le", gzip("\xff\xfe" + utf16(wide, false))},
        {"zst with a mark", zstd("\xef\xbb\xbf" + text)},
    };
    for (const auto& [name, bytes] : rows) {
        for (const std::size_t step : {1, 7, 100000}) {
            const auto got = all(file("x", bytes), step);
            ASSERT_TRUE(got) << name << ": " << got.error().message;
            EXPECT_EQ(*got, text) << name;
        }
    }
    EXPECT_EQ(*all(file("x", "")), "");
    EXPECT_EQ(*all(file("x", gzip(""))), "");
    EXPECT_EQ(*all(file("x", "a")), "a");
}

TEST_F(InputTest, SaysWhatIsDamagedWithFileAndByte) {
    std::string noise;
    for (int i = 0; i < 20000; ++i) noise += std::to_string(i * 7919);
    const std::string packed = gzip(noise), dense = zstd(noise);
    std::string flipped = packed;
    flipped[flipped.size() / 2] ^= 0x40;
    const std::vector<std::pair<std::string, std::string>> rows{
        {packed.substr(0, packed.size() / 2), "cut off"},
        {packed.substr(0, packed.size() - 3), "cut off"},
        {flipped, "damaged"},
        {packed + "rubbish", "is whole, but bytes that are no gzip follow it"},
        {packed + "\n", "is whole, but bytes that are no gzip follow it"},
        {packed + "\x1f", "cut off"},
        {packed + "\x1f!", "is whole, but bytes that are no gzip follow it"},
        {packed + packed.substr(0, 10) + std::string(20, '\xff'), "damaged"},
        {dense.substr(0, dense.size() / 2), "cut off"},
        {dense + "rubbish", "is whole, but bytes that are no zstd follow it"},
        {dense + "\n", "is whole, but bytes that are no zstd follow it"},
        {"\xff\xfe" + std::string("a\0b", 3), "within a character"},
        {"\xff\xfe" + utf16(u"\xd83dx", false), "surrogate"},
        {"\xff\xfe" + utf16(u"\xde00x", false), "surrogate"},
    };
    for (const auto& [bytes, words] : rows) {
        const auto got = all(file("broken", bytes), 4096);
        ASSERT_FALSE(got) << words;
        EXPECT_NE(got.error().message.find(words), std::string::npos) << got.error().message;
        EXPECT_NE(got.error().message.find("/broken, at byte "), std::string::npos) << got.error().message;
    }
    EXPECT_EQ(all(folder_ + "/absent").error().code, Code::not_found);
    EXPECT_EQ(all(folder_).error().code, Code::invalid_argument);
}

TEST_F(InputTest, TakesNothingButFiles) {
    const std::string folder = folder_ + "/export", good = folder + "/a.json", other = folder + "/b.json";
    fs::create_directories(folder + "/folder.json");
    std::ofstream(good) << "{}";
    EXPECT_EQ(list_files(std::vector{folder}, {".json"})->size(), 1u);
    ASSERT_EQ(::mkfifo(other.c_str(), 0600), 0);
    const auto pipe = Input::open(other);  // nobody writes to it
    ASSERT_FALSE(pipe);
    EXPECT_NE(pipe.error().message.find("a pipe or a device"), std::string::npos) << pipe.error().message;
    EXPECT_EQ(list_files(std::vector{folder}, {".json"})->size(), 2u) << "to be refused when it is opened";
    fs::remove(other);
    fs::create_symlink("gone.json", other);
    EXPECT_NE(list_files(std::vector{folder}, {".json"}).error().message.find("cannot follow the link"), std::string::npos);
    EXPECT_NE(list_files(std::vector{other}, {".json"}).error().message.find("a link to gone.json, which is not there"), std::string::npos);
}

TEST_F(InputTest, AFileThatChangesWhileItIsReadIsNotTakenForWhole) {
    const std::string path = file("growing", "one\ntwo\n");
    Lines lines = *Lines::open({path});
    std::string line;
    ASSERT_TRUE(*lines.next(line));
    std::ofstream(path, std::ios::app) << "three\n";
    auto more = lines.next(line);
    while (more && *more) more = lines.next(line);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().id, "MIGRATE-Rd2");
    EXPECT_NE(more.error().message.find("growing changed while it was read (8 bytes before, 14 now)"), std::string::npos)
        << more.error().message;
}

TEST_F(InputTest, ArraysOfAFileThatChangesAreNotRead) {
    const std::string path = file("users.json", "[1,2,3]");
    for (const bool before_reading : {true, false}) {
        std::ofstream(path) << "[1,2,3]";
        JsonArrays arrays("");
        ASSERT_TRUE(arrays.scan(path, [&](JsonFile::Cursor& root) -> Result<void> {
            arrays.add(TRY(root.skip()));
            return {};
        }));
        std::string bytes;
        if (!before_reading) {
            ASSERT_TRUE(*arrays.next(bytes));
        }
        std::ofstream(path) << "[1";
        auto more = arrays.next(bytes);
        while (more && *more) more = arrays.next(bytes);
        ASSERT_FALSE(more);
        EXPECT_EQ(more.error().id, "MIGRATE-Rd2") << more.error().message;
    }
}

TEST_F(InputTest, StopsBombs) {
    const std::string zeros(150u << 20, '0');
    for (const std::string& bomb : {gzip(zeros), zstd(zeros)}) {
        const auto got = all(file("bomb", bomb), 1 << 20);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().id, "MIGRATE-Bomb");
    }
    const auto wide = all(file("wide", zstd("abc", 28)));
    ASSERT_FALSE(wide);
    EXPECT_EQ(wide.error().id, "MIGRATE-Pk3");
}

TEST_F(InputTest, GivesLinesOfAllFiles) {
    const std::string long_line(kMaxRecordBytes + 5, 'x');
    const std::string a = file("a", "one\r\n\n  \ntwo"), b = file("b", gzip(long_line + "\nthree\n"));
    auto lines = Lines::open({a, b});
    ASSERT_TRUE(lines);
    std::string line;
    ASSERT_TRUE(*lines->next(line));
    EXPECT_EQ(line, "one");
    ASSERT_TRUE(*lines->next(line));
    EXPECT_EQ(line, "two");
    EXPECT_EQ(lines->place(), a + ", line 4");
    EXPECT_EQ(lines->offset(), 9u);
    ASSERT_TRUE(*lines->next(line));
    EXPECT_TRUE(lines->too_long());
    EXPECT_EQ(line.size(), kMaxRecordBytes);
    ASSERT_TRUE(*lines->next(line));
    EXPECT_FALSE(lines->too_long());
    EXPECT_EQ(line, "three");
    EXPECT_EQ(lines->place(), b + ", line 2");
    EXPECT_EQ(lines->offset(), long_line.size() + 1);
    EXPECT_FALSE(*lines->next(line));
    EXPECT_EQ(lines->read_bytes(), lines->total_bytes());
}

TEST_F(InputTest, OpensFoldersInTheOrderPeopleCount) {
    for (const char* name : {"r-users-10.json", "r-users-2.json.gz", "r-realm.json", ".hidden.json", "notes.txt"}) file(name, "{}");
    fs::create_directory(folder_ + "/deeper.json");
    const auto found = list_files(std::vector{folder_}, {".json"});
    ASSERT_TRUE(found);
    std::vector<std::string> names;
    for (const std::string& path : *found) names.push_back(fs::path(path).filename());
    EXPECT_EQ(names, (std::vector<std::string>{"r-realm.json", "r-users-2.json.gz", "r-users-10.json"}));
    EXPECT_EQ(unread_in(std::vector{folder_}, {".json"}),
              "not read: " + folder_ + "/deeper.json (a folder), " + folder_ + "/notes.txt; give what is meant by its own path");
    EXPECT_EQ(unread_in(std::vector{folder_ + "/notes.txt"}, {".json"}), "") << "what is named is read";
    EXPECT_EQ(list_files(std::vector{folder_}, {".csv"}).error().id, "MIGRATE-Op4");
    EXPECT_EQ(list_files(std::vector{folder_ + "/no"}, {".csv"}).error().code, Code::not_found);
    EXPECT_EQ(list_files({}, {".csv"}).error().id, "MIGRATE-Op5");
    EXPECT_EQ(plain_name("a/B.JSON.ZST"), "B.JSON");
    EXPECT_TRUE(counts_before("a2", "a10"));
    EXPECT_TRUE(counts_before("a02", "a10"));
    EXPECT_FALSE(counts_before("b", "a10"));
}

TEST_F(InputTest, ALinkThatLeadsOutOfItsFolderIsRefused) {
    fs::create_directory(folder_ + "/export");
    fs::create_directory(folder_ + "/export-2");
    file("export/users-1.json", "{}");
    file("export-2/private.json", "secret");
    const std::string folder = folder_ + "/export";
    fs::create_symlink("users-1.json", folder + "/users-2.json");
    const auto within = list_files(std::vector{folder}, {".json"});
    ASSERT_TRUE(within) << within.error().message;
    EXPECT_EQ(*within, (std::vector{folder + "/users-1.json", folder + "/users-2.json"}));

    fs::create_symlink("../export-2/private.json", folder + "/users-3.json");
    const auto outside = list_files(std::vector{folder}, {".json"});
    ASSERT_FALSE(outside);
    EXPECT_EQ(outside.error().id, "MIGRATE-Op6");
    EXPECT_NE(outside.error().message.find("users-3.json"), std::string::npos) << outside.error().message;
    EXPECT_TRUE(list_files(std::vector{folder}, {".csv"}).error().id == "MIGRATE-Op4") << "what no source reads is nobody's concern";
    // What the person names themselves may be a link, to a folder too.
    EXPECT_TRUE(list_files(std::vector{folder + "/users-3.json"}, {".json"}));
    fs::remove(folder + "/users-3.json");
    fs::create_directory_symlink(folder, folder_ + "/elsewhere");
    EXPECT_TRUE(list_files(std::vector{folder_ + "/elsewhere"}, {".json"}));
}

}  // namespace
}  // namespace godwit::migration
