// Hashes made by other programs: each verifies with its password, and with nothing near it.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "credentials/password/schemes.h"
#include "credentials/password/test_support.h"

namespace godwit::password {
namespace {

struct Row {
    std::string name;
    std::string stored;
    std::string password;
    bool has_password = true;
    Declaration declaration;
};

std::vector<Row> read_rows(const std::string& file) {
    std::vector<Row> out;
    simdjson::dom::parser parser;
    for (const auto item : parser.load("tests/vectors/password/" + file).get_array()) {
        Row row;
        row.name = std::string(item["name"].get_string().value());
        row.stored = std::string(item["stored"].get_string().value());
        std::string_view text;
        row.has_password = item["password"].get_string().get(text) == simdjson::SUCCESS;
        if (row.has_password) row.password = text;
        if (item["algorithm"].get_string().get(text) == simdjson::SUCCESS) {
            row.declaration.algorithm = text;
            for (const auto [key, value] : item["parameters"].get_object()) {
                row.declaration.parameters.emplace(std::string(key), std::string(value.get_string().value()));
            }
        }
        out.push_back(std::move(row));
    }
    return out;
}

// The rows of password-hashes.json that nothing but a declaration can tell apart.
const std::map<std::string, Declaration>& declared_rows() {
    static const std::string kSynthetic = [] {
        std::string bytes;
        for (int i = 0; i < 64; ++i) bytes += static_cast<char>(i);
        return base64_encode(bytes);
    }();
    static const std::map<std::string, Declaration> rows{
        {"NTLM / MD4 over UTF-16LE (hex)", {"ntlm", {}}},
        {"raw md5 hex", {"md5", {}}},
        {"Firebase scrypt, public vector of the firebase/scrypt README",
         {"firebase-scrypt",
          {{"salt", "42xEC+ixf3L2lw=="},
           {"saltSeparator", "Bw=="},
           {"signerKey", "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="},
           {"rounds", "8"},
           {"memCost", "14"}}}},
        {"Firebase scrypt synthetic: signer=bytes 0..63, sep=Bw==, salt=bytes 0..7, rounds 8, mem_cost 10",
         {"firebase-scrypt",
          {{"salt", "AAECAwQFBgc="}, {"saltSeparator", "Bw=="}, {"signerKey", kSynthetic}, {"rounds", "8"}, {"mem_cost", "10"}}}},
        {"Symfony legacy sha512 (5000 it., base64, merge password{salt})", {"symfony", {{"salt", "saltsalt"}}}},
        {"Devise bcrypt + pepper \"pepper-from-config\"", {"bcrypt", {{"pepper", "pepper-from-config"}}}},
        {"Joomla 1.5 md5 suffix", {"joomla", {}}},
    };
    return rows;
}

// bcrypt reads 72 bytes, so what differs behind them is the same password to it.
bool cut_at_72(const Row& row) {
    return row.name.starts_with("bcrypt") || row.name.starts_with("django bcrypt ") || row.name.starts_with("nextcloud");
}

std::vector<std::string> near_misses(const Row& row, std::size_t changes) {
    const std::string& p = row.password;
    const std::size_t seen = cut_at_72(row) ? std::min<std::size_t>(p.size(), 72) : p.size();
    std::vector<std::string> out{""};
    for (std::size_t i = 0; i < changes; ++i) {
        std::string changed = p;
        changed[i * (seen - 1) / std::max<std::size_t>(changes - 1, 1)] ^= 1;
        out.push_back(changed);
    }
    out.push_back(p.substr(0, seen - 1));
    if (seen == p.size() && seen < 72) {
        out.push_back(p + "x");
        out.push_back(p + std::string(1, '\0'));
        out.push_back(p + std::string("\0x", 2));
        // Repeating a key is how bcrypt and HMAC fill their blocks.
        out.push_back(p + std::string(1, '\0') + p);
    }
    std::erase(out, p);
    return out;
}

void expect_only_its_password(const Bench& bench, const Row& row, const Declaration& declaration) {
    SCOPED_TRACE(row.name);
    const auto accepted = bench.verifier.accept(row.stored, declaration);
    ASSERT_TRUE(accepted) << accepted.error().message;
    ASSERT_LE(accepted->encoded.size(), kMaxEncodedBytes);
    ASSERT_EQ(std::ranges::count_if(all_schemes(), [&](const auto& s) { return s->claims(accepted->encoded); }), 1) << accepted->encoded;
    EXPECT_TRUE(bench.fits(row.password, accepted->encoded)) << accepted->encoded;

    // Costly rows get fewer attempts; the property is the same.
    const bool costly = row.name.starts_with("Spring {") || row.name.starts_with("Firebase");
    for (const std::string& wrong : near_misses(row, costly ? 1 : 5)) {
        // The key of $2$ repeats without an end mark: "x" and "xx" are one password to it. Its successors mended that.
        if (row.name.starts_with("bcrypt $2$") && row.password == "x" && wrong == "xx") continue;
        EXPECT_FALSE(bench.fits(wrong, accepted->encoded)) << "accepted " << testing::PrintToString(wrong);
    }
}

TEST(Vectors, SeventyTwoVerifyAndOneIsNoPassword) {
    const Bench bench;
    const auto rows = read_rows("password-hashes.json");
    ASSERT_EQ(rows.size(), 73U);
    std::size_t none = 0;
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        const auto declared = declared_rows().find(row.name);
        if (!row.has_password) {
            const auto accepted = bench.verifier.accept(row.stored);
            ASSERT_TRUE(accepted);
            EXPECT_TRUE(accepted->no_password());
            ++none;
            continue;
        }
        expect_only_its_password(bench, row, declared == declared_rows().end() ? Declaration{} : declared->second);
    }
    EXPECT_EQ(none, 1U);
}

TEST(Vectors, OnlyTheAmbiguousNeedADeclaration) {
    const Bench bench;
    for (const Row& row : read_rows("password-hashes.json")) {
        SCOPED_TRACE(row.name);
        const bool ambiguous = declared_rows().contains(row.name);
        // The Devise row is plain bcrypt to anyone who was not told of the pepper.
        const bool plain = row.name.starts_with("Devise");
        EXPECT_EQ(bench.refusal(row.stored).empty(), !ambiguous || plain);
        EXPECT_LE(std::ranges::count_if(all_schemes(), [&](const auto& s) { return s->claims(row.stored); }), 1);
    }
}

TEST(Vectors, OfOtherImplementationsVerify) {
    const Bench bench;
    const auto rows = read_rows("other-implementations.json");
    ASSERT_GT(rows.size(), 200U);
    for (const Row& row : rows) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(recognise(row.stored) == nullptr, !row.declaration.algorithm.empty());
        expect_only_its_password(bench, row, row.declaration);
    }
}

// Two readings of one prefix: each dialect's value under the other's reading is another hash.
TEST(Vectors, DialectsOfOnePrefixAreToldApart) {
    const Bench bench;
    const std::string password = "Correct-Horse-7é";
    const std::string digest = "$AAECAwQFBgcICQoLDA0ODw$Ie3/F32D+VzYOupoNoKp8nDxZSFN+VssV/PbiBDIxUk";
    EXPECT_TRUE(bench.fits(password, "$scrypt$ln=10,r=8,p=1" + digest));
    EXPECT_TRUE(bench.fits(password, "$scrypt$ln=1024,r=8,p=1" + digest));
    EXPECT_FALSE(bench.fits(password, "$scrypt$ln=32,r=8,p=1" + digest));
    EXPECT_FALSE(bench.fits(password, "$scrypt$ln=11,r=8,p=1" + digest));
}

}  // namespace
}  // namespace godwit::password
