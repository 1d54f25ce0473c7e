// For each scheme with a cost: at the limit, one over, overflow, zero, negative.
#include <gtest/gtest.h>

#include "credentials/password/test_support.h"

namespace godwit::password {
namespace {

const std::string kSalt = "$AAECAwQFBgcICQoLDA0ODw";
const std::string kDigest = "$aPcXrbLlDnM16LiOx2BTnma+roV7tU+kj5BnSpbOf3w";
const std::string kRad64 = "abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy";

struct Row {
    std::string name;
    std::string before;
    std::string after;
    std::string at_limit;
    std::string over;
};

std::vector<Row> rows() {
    const std::string sha512 = "$LgHJueX76g4oteLuyPujTIig.ft1Z8acgfNWOUVYO3mS0COuVxMtAfCN2c2KZlfiODmImNnF4sb/5xvERqlKA1";
    const std::string hex64 =
        "$e3706d4de89dc03e41493e9954aaa79a3678bb22e595a918afbd46d5ff604f5daba37923c12009c6e91500cd9628e18ff1170cbc6641646b377090a9dbc556b3";
    const std::string keycloak_secret =
        R"({"secretData":"{\"value\":\"aPcXrbLlDnM16LiOx2BTnma+roV7tU+kj5BnSpbOf3w=\",\"salt\":\"AAECAwQFBgcICQoLDA0ODw==\"}","credentialData":)";
    return {
        {"bcrypt", "$2b$", "$" + kRad64, "16", "17"},
        {"django bcrypt", "bcrypt$$2b$", "$" + kRad64, "16", "17"},
        {"wordpress", "$wp$2y$", "$" + kRad64, "16", "17"},
        {"passlib", "$bcrypt-sha256$v=2,t=2b,r=", "$abcdefghijklmnopqrstuu$scct9raAQDfdTDO32UysnntaxMOgCp.", "16", "17"},
        {"argon2 m", "$argon2id$v=19$m=", ",t=1,p=1" + kSalt + kDigest, "1048576", "1048577"},
        {"argon2 t", "$argon2id$v=19$m=1024,t=", ",p=1" + kSalt + kDigest, "4096", "4097"},
        {"argon2 p", "$argon2id$v=19$m=1024,t=1,p=", kSalt + kDigest, "64", "65"},
        {"scrypt ln", "$scrypt$ln=", ",r=8,p=1" + kSalt + kDigest, "20", "21"},
        {"scrypt N of Ory", "$scrypt$ln=", ",r=8,p=1" + kSalt + kDigest, "1048576", "2097152"},
        {"scrypt r", "$scrypt$ln=10,r=", ",p=1" + kSalt + kDigest, "8192", "8193"},
        {"scrypt p", "$scrypt$ln=10,r=8,p=", kSalt + kDigest, "1024", "1025"},
        {"werkzeug scrypt", "scrypt:", ":8:1$salt" + hex64, "1048576", "2097152"},
        {"django scrypt p", "scrypt$1024$salt$8$",
         "$IkYORIiHqimp6I8rmtl+blibD1igo0ZG0JfWIyDI/BAKoN4aA4+486y0bCP5tOBrCHxVjVssMInakYiegfRxzQ==", "1024", "1025"},
        {"pbkdf2", "$pbkdf2-sha256$", kSalt + kDigest, "3000000", "3000001"},
        {"pbkdf2 PHC", "$pbkdf2-sha256$i=", ",l=32" + kSalt + kDigest, "3000000", "3000001"},
        {"pbkdf2, two blocks of output", "$pbkdf2$", kSalt + kDigest, "1500000", "1500001"},
        {"django pbkdf2", "pbkdf2_sha256$", "$salt$WoiRnDKO6mGPJqZGJrQM0vLhkTL0BqxkwBYpML5YOUc=", "3000000", "3000001"},
        {"werkzeug pbkdf2", "pbkdf2:sha512:", "$salt" + hex64, "3000000", "3000001"},
        {"ldap pbkdf2", "{PBKDF2-SHA256}", kSalt + kDigest, "3000000", "3000001"},
        {"mediawiki pbkdf2", ":pbkdf2:sha256:", ":32:AAECAwQFBgcICQoLDA0ODw:aPcXrbLlDnM16LiOx2BTnma+roV7tU+kj5BnSpbOf3w", "3000000",
         "3000001"},
        {"keycloak", keycloak_secret + R"("{\"hashIterations\":)", R"(,\"algorithm\":\"pbkdf2-sha256\"}"})", "3000000", "3000001"},
        {"keycloak argon2 memory",
         keycloak_secret +
             R"("{\"hashIterations\":1,\"algorithm\":\"argon2\",\"additionalParameters\":{\"type\":[\"id\"],\"version\":[\"1.3\"],\"parallelism\":[\"1\"],\"memory\":[\")",
         R"(\"]}}"})", "1048576", "1048577"},
        {"sha512-crypt", "$6$rounds=", "$abcdefgh" + sha512, "1000000", "1000001"},
        {"sha512-crypt of Ory", "$sha512-crypt$rounds=", "$abcdefgh" + sha512, "1000000", "1000001"},
        {"firebase mem_cost", "$godwit-firebase$n=", ",r=8,p=1,ss=Bw==,sk=ref:k$AAECAwQFBgc=" + kDigest, "20", "21"},
        {"firebase rounds", "$fbscrypt$v=1,n=10,p=1,ss=Bw==,sk=aPcXrbLlDnM16LiOx2BTnma+roV7tU+kj5BnSpbOf3w,r=", "$AAECAwQFBgc=" + kDigest,
         "8192", "8193"},
        {"iterated digest", "$godwit-digest$alg=sha256,at=none,rounds=", "$" + kDigest, "1048576", "1048577"},
    };
}

TEST(Limits, HoldForEveryCost) {
    const Bench bench;
    for (const Row& row : rows()) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(bench.refusal(row.before + row.at_limit + row.after), "");
        for (const std::string& bad :
             {row.over, std::string("0"), std::string("-1"), std::string("+1"), std::string(""), std::string("1e3"), std::string("0x10"),
              std::string("4294967296"), std::string("4294967297"), std::string("9223372036854775808"), std::string("18446744073709551615"),
              std::string("18446744073709551616"), std::string("99999999999999999999999999")}) {
            const std::string value = row.before + bad + row.after;
            EXPECT_NE(bench.refusal(value), "") << value;
            // A restored row is older than the limit: the same answer at login, before any work.
            EXPECT_FALSE(bench.verifier.verify("x", value, soon())) << value;
        }
    }
}

// Costs that are letters: phpass, Drupal, yescrypt, $7$, the packed number of Spring, the header of ASP.NET.
TEST(Limits, HoldForCostsInOtherAlphabets) {
    const Bench bench;
    struct {
        std::string value;
        bool good;
    } const cases[] = {
        {"$P$IabcdefghINIueC.3HLwONyJQvlOT40", true},   // 2^20
        {"$P$JabcdefghINIueC.3HLwONyJQvlOT40", false},  // 2^21
        {"$P$zabcdefghINIueC.3HLwONyJQvlOT40", false},
        {"$P$.abcdefghINIueC.3HLwONyJQvlOT40", false},  // 2^0
        {"$S$IabcdefghfwuN4nbbSX3Rab8nfO6u9nXlfUICG0mq7VYpfvhLju4", true},
        {"$S$JabcdefghfwuN4nbbSX3Rab8nfO6u9nXlfUICG0mq7VYpfvhLju4", false},
        {"U$S$JabcdefghP3AmuZl3vEIMBsQRAeRbYMRZfgky.QSjoSqGPNbX.QH", false},
        {"$y$j75$abcdefgh$s6M4f3RdzbPRDZsqqbFBHGxwTCipjT8nI80FC95XtD0", true},
        {"$y$jzT$abcdefgh$s6M4f3RdzbPRDZsqqbFBHGxwTCipjT8nI80FC95XtD0", false},
        {"$y$jFT$abcdefgh$s6M4f3RdzbPRDZsqqbFBHGxwTCipjT8nI80FC95XtD0", true},  // 2^18 * 32 * 128 = 1 GiB
        {"$y$jGT$abcdefgh$s6M4f3RdzbPRDZsqqbFBHGxwTCipjT8nI80FC95XtD0", false},
        {"$y$jFT0.$abcdefgh$s6M4f3RdzbPRDZsqqbFBHGxwTCipjT8nI80FC95XtD0", false},      // the same with t
        {"$7$I6..../....saltsalt$dFHKWWnOkX6sT8YJNYhbilNgUrQBklko9G443aE2BoC", true},  // 2^20 * 8 * 128 = 1 GiB
        {"$7$J6..../....saltsalt$dFHKWWnOkX6sT8YJNYhbilNgUrQBklko9G443aE2BoC", false},
        {"$7$6zzzzz/....saltsalt$dFHKWWnOkX6sT8YJNYhbilNgUrQBklko9G443aE2BoC", false},
        {"$7$6/....zzzzzsaltsalt$dFHKWWnOkX6sT8YJNYhbilNgUrQBklko9G443aE2BoC", false},
        {"{scrypt}$140801$AAECAwQFBgcICQoLDA0ODw==$gYYO9aBBfwYSy2gRz+CoqSUlqnzgsXrlWfg0dNQsoCc=", true},
        {"{scrypt}$150801$AAECAwQFBgcICQoLDA0ODw==$gYYO9aBBfwYSy2gRz+CoqSUlqnzgsXrlWfg0dNQsoCc=", false},
        {"{scrypt}$100001$AAECAwQFBgcICQoLDA0ODw==$gYYO9aBBfwYSy2gRz+CoqSUlqnzgsXrlWfg0dNQsoCc=", false},
        {"{scrypt}$ffffffffff$AAECAwQFBgcICQoLDA0ODw==$gYYO9aBBfwYSy2gRz+CoqSUlqnzgsXrlWfg0dNQsoCc=", false},
    };
    for (const auto& c : cases) EXPECT_EQ(bench.refusal(c.value).empty(), c.good) << c.value << ": " << bench.refusal(c.value);

    const auto aspnet = [](std::uint32_t iterations) {
        std::string block("\x01\0\0\0\x01", 5);
        for (int shift = 24; shift >= 0; shift -= 8) block += static_cast<char>(iterations >> shift & 0xFF);
        block += std::string("\0\0\0\x10", 4) + std::string(16, 's') + std::string(32, 'k');
        return base64_encode(block);
    };
    EXPECT_EQ(bench.refusal(aspnet(3'000'000)), "");
    for (const std::uint32_t bad : {3'000'001U, 0U, 0xFFFFFFFFU}) EXPECT_NE(bench.refusal(aspnet(bad)), "") << bad;
}

TEST(Limits, AreTheOperators) {
    CostLimits limits;
    limits.bcrypt_cost = 10;
    limits.argon2_memory_kib = 2048;
    const Bench bench({.limits = limits, .forbidden = {}});
    EXPECT_EQ(bench.refusal("$2b$10$" + kRad64), "");
    EXPECT_NE(bench.refusal("$2b$11$" + kRad64), "");
    EXPECT_EQ(bench.refusal("$argon2id$v=19$m=2048,t=1,p=1" + kSalt + kDigest), "");
    EXPECT_NE(bench.refusal("$argon2id$v=19$m=2049,t=1,p=1" + kSalt + kDigest), "");
}

TEST(Limits, AHashOverTheWholeBudgetIsNotTakenIn) {
    HashMemory memory(std::uint64_t{64} << 20);
    const auto verifier = Verifier::make({}, memory);
    EXPECT_TRUE(verifier->accept("$argon2id$v=19$m=65536,t=1,p=1" + kSalt + kDigest));
    EXPECT_FALSE(verifier->accept("$argon2id$v=19$m=65537,t=1,p=1" + kSalt + kDigest));
}

TEST(Limits, SizesOfSaltAndDigestAreBounded) {
    const Bench bench;
    EXPECT_EQ(bench.refusal("$pbkdf2-sha256$1$" + base64_encode(std::string(1024, 's')) + kDigest), "");
    EXPECT_NE(bench.refusal("$pbkdf2-sha256$1$" + base64_encode(std::string(1025, 's')) + kDigest), "");
    EXPECT_EQ(bench.refusal("$pbkdf2-sha256$1" + kSalt + "$" + base64_encode(std::string(512, 'd'))), "");
    EXPECT_NE(bench.refusal("$pbkdf2-sha256$1" + kSalt + "$" + base64_encode(std::string(513, 'd'))), "");
    EXPECT_NE(bench.refusal("$pbkdf2-sha256$1" + kSalt + "$" + base64_encode(std::string(15, 'd'))), "");
}

}  // namespace
}  // namespace godwit::password
