#include "credentials/password/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/password/schemes.h"
#include "credentials/password/test_support.h"

namespace godwit::password {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kBcrypt = "$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy";
constexpr std::string_view kPassword = "Correct-Horse-7é";

TEST(Accept, RefusesWithTheContractsIdAndAReason) {
    const Bench bench;
    const auto answer = bench.verifier.accept("$foo$bar");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::invalid_argument);
    EXPECT_EQ(answer.error().id, "USER-JDk4t");
    EXPECT_THAT(answer.error().message, StartsWith("Password hash encoding not supported: "));
}

TEST(Accept, RefusesWhatIsNotAHash) {
    const Bench bench;
    struct {
        std::string value;
        std::string_view reason;
    } const rows[] = {
        {"Password1!", "not recognised"},
        {"$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc", "cut"},
        {"$2x$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy", "not recognised"},
        {"$2b$4$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy", "two digits"},
        {"{CRYPT}abJnggxhB/yWI", "DES"},
        {"{CRYPT}$2x$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy", "only $1$"},
        {"$argon2id$v=19$m=65536,t=3,p=4,keyid=Zm9v$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG2gXLEs/1Y0Q",
         "m, t, p and data"},
        {"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$", "shorter than 16"},
        {"$argon2id$v=19$m=65536,m=8,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG2gXLEs/1Y0Q", "m, t, p and data"},
        {"$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$", "shorter than 16"},
        {"$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$aPc", "shorter than 16"},
        {"{SSHA}KxyECcxcjU/tr9i9BMoNSpzei+E=", "without a salt"},
        {"{PKCS5S2}AAEC", "48 bytes"},
        {std::string(201, 'x'), "not recognised"},
        {"$6$saltsalt$" + std::string(5000, 'a'), "longer than 4096"},
        {"{\"secretData\":\"nonsense\",\"credentialData\":\"{}\"}", "not JSON"},
    };
    for (const auto& row : rows) EXPECT_THAT(bench.refusal(row.value), HasSubstr(row.reason)) << row.value;
}

TEST(Accept, TakesWhatTheReferenceTakes) {
    const Bench bench;
    for (const std::string_view value :
         {"$2a$10$SCHPBhOaQajJr45SH2wjXe5jFf79KGdMc0raWD3V0n7BI4z.ILYSS", "$2a$14$aPbwhMVJSVrRRW2NoM/5.esSJO6o/EIGzGxWiM5SAEZlGqCsr9DAK",
          "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG2gXLEs/1Y0Q",
          "$scrypt$ln=16,r=8,p=1$cmFuZG9tc2FsdGlzaGFyZA$Rh+NnJNo1I6nRwaNqbDm6kmADswD1+7FTKZ7Ln9D8nQ",
          "$pbkdf2-sha256$12$cmFuZG9tc2FsdGlzaGFyZA$FCVmBSSZ7Ke6S8c9eYvLBCFwxyY5Ftvxs1qxb1cQgyg", "$1$kJ4QkJaQ$3EbD/pJddrq5HW3mpZ1KZ1"}) {
        EXPECT_EQ(bench.refusal(value), "") << value;
    }
}

TEST(Accept, KnowsTheMarksOfNoPassword) {
    const Bench bench;
    for (const std::string_view value : {"", "x", "!", "*", "!!", "*LK*", "!$6$salt$hash"}) {
        const auto accepted = bench.verifier.accept(value, {"bcrypt", {}});
        ASSERT_TRUE(accepted) << value;
        EXPECT_TRUE(accepted->no_password()) << value;
    }
}

TEST(Accept, RecognisedWinsAndContradictionIsRefused) {
    const Bench bench;
    struct {
        std::string_view value, algorithm;
        bool good;
    } const rows[] = {
        {kBcrypt, "bcrypt", true},
        {kBcrypt, "BCrypt", true},
        {kBcrypt, "argon2id", false},
        {kBcrypt, "md5", false},
        {kBcrypt, "no-such", false},
        {"$argon2i$v=19$m=1024,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$E8x4L98bI4EQMnw+o/Cpbjo1K5/skCODOQJPOVweokE", "argon2", true},
        {"$argon2i$v=19$m=1024,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$E8x4L98bI4EQMnw+o/Cpbjo1K5/skCODOQJPOVweokE", "argon2id", false},
        {"pbkdf2_sha256$1000$saltsaltsalt$WoiRnDKO6mGPJqZGJrQM0vLhkTL0BqxkwBYpML5YOUc=", "pbkdf2_sha256", true},
        {"pbkdf2_sha256$1000$saltsaltsalt$WoiRnDKO6mGPJqZGJrQM0vLhkTL0BqxkwBYpML5YOUc=", "django", true},
        {"pbkdf2_sha256$1000$saltsaltsalt$WoiRnDKO6mGPJqZGJrQM0vLhkTL0BqxkwBYpML5YOUc=", "pbkdf2", true},
        {"pbkdf2_sha256$1000$saltsaltsalt$WoiRnDKO6mGPJqZGJrQM0vLhkTL0BqxkwBYpML5YOUc=", "pbkdf2-sha512", false},
        {"{SSHA}SXScZ+FhoWLvV8VeVlTzSTB2vtgAAQIDBAUGBw==", "SSHA", true},
        {"{SSHA}SXScZ+FhoWLvV8VeVlTzSTB2vtgAAQIDBAUGBw==", "sha256", false},
        {"$1$abcdefgh$tOA/GhtTNlIMh2kw5x5oy1", "md5", true},
        {"$6$abcdefgh$LgHJueX76g4oteLuyPujTIig.ft1Z8acgfNWOUVYO3mS0COuVxMtAfCN2c2KZlfiODmImNnF4sb/5xvERqlKA1", "sha2", true},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(bench.refusal(row.value, {std::string(row.algorithm), {}}).empty(), row.good) << row.value << " as " << row.algorithm;
    }
}

TEST(Accept, AmbiguousDigestsNameWhatTheyCouldBe) {
    const Bench bench;
    const std::string md5 = bench.refusal("7c1afb9eb8d738c9c1b891595a7fae4a");
    EXPECT_THAT(md5, HasSubstr("md5"));
    EXPECT_THAT(md5, HasSubstr("ntlm"));
    for (const std::size_t digits : {40U, 64U, 128U})
        EXPECT_THAT(bench.refusal(std::string(digits, 'a')), HasSubstr("ambiguous")) << digits;
    EXPECT_THAT(bench.refusal("236ba7788a47a723ef747b73acc4a226:saltsalt"), HasSubstr("joomla, magento"));
}

TEST(Accept, DeclaredParametersAreStrict) {
    const Bench bench;
    const std::string md5 = "7c1afb9eb8d738c9c1b891595a7fae4a";
    struct {
        Declaration declaration;
        std::string value;
        std::string_view reason;
    } const rows[] = {
        {{"md5", {{"salt", "x"}}}, md5, "saltPosition"},
        {{"md5", {{"salt", "x"}, {"saltPosition", "middle"}}}, md5, "saltPosition"},
        {{"md5", {{"pepperPosition", "middle"}}}, md5, "pepperPosition"},
        {{"md5", {{"flavour", "x"}}}, md5, "flavour"},
        {{"md5", {{"salt", "x"}, {"Salt", "y"}}}, md5, "twice"},
        {{"md5", {{"iterations", "0"}}}, md5, "is 0"},
        {{"md5", {{"iterations", "-1"}}}, md5, "whole number"},
        {{"md5", {{"iterations", "99999999999999999999999"}}}, md5, "whole number"},
        {{"md5", {{"iterations", "1048577"}}}, md5, "limit"},
        {{"sha1", {}}, md5, "20 bytes"},
        {{"hmac-md5", {}}, md5, "needs a 'salt'"},
        {{"pbkdf2", {{"iterations", "10"}}}, md5, "'digest' is missing"},
        {{"pbkdf2-sha256", {{"iterations", "10"}, {"salt", "x"}}}, md5, "hex or base64"},
        {{"bcrypt", {{"cost", "99"}, {"salt", "abcdefghijklmnopqrstuu"}}}, "IPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy", "between 4 and 31"},
        {{"firebase-scrypt", {{"salt", "AAECAwQFBgc="}, {"rounds", "8"}, {"memCost", "10"}}}, std::string(86, 'A') + "==", "signerKey"},
        {{"bcrypt", {{"cost", "4"}}}, std::string(kBcrypt), "carries its own"},
    };
    for (const auto& row : rows) EXPECT_THAT(bench.refusal(row.value, row.declaration), HasSubstr(row.reason)) << row.declaration.algorithm;
}

TEST(Accept, ForbiddenSchemesAreRefusedAtImportAndAtLogin) {
    const Bench bench({.limits = {}, .forbidden = {"MD5", "bcrypt"}});
    EXPECT_THAT(bench.refusal(kBcrypt), HasSubstr("does not allow bcrypt"));
    EXPECT_THAT(bench.refusal("{MD5}fBr7nrjXOMnBuJFZWn+uSg=="), HasSubstr("does not allow md5"));
    EXPECT_EQ(bench.refusal("{SHA}KxyECcxcjU/tr9i9BMoNSpzei+E="), "");
    EXPECT_FALSE(bench.verifier.verify(kPassword, kBcrypt, soon()));

    HashMemory memory;
    EXPECT_FALSE(Verifier::make({.limits = {}, .forbidden = {"bcrpyt"}}, memory));
}

TEST(Accept, PlainTextIsHashedOnArrival) {
    const Bench bench;
    const auto accepted = bench.verifier.accept("{noop}Correct-Horse-7é");
    ASSERT_TRUE(accepted);
    EXPECT_THAT(accepted->encoded, Not(HasSubstr("Horse")));
    EXPECT_TRUE(bench.fits(kPassword, accepted->encoded));
    EXPECT_FALSE(bench.fits("Correct-Horse-7", accepted->encoded));
}

TEST(Accept, PeppersAreSealedOrNamed) {
    Bench bench;
    const std::string stored = "$2a$04$abcdefghijklmnopqrstuucY.GuO7OoRLYYuT0tZJR0MaDWS1tEP2";
    const auto sealed = bench.verifier.accept(stored, {"bcrypt", {{"pepper", "pepper-from-config"}}});
    ASSERT_TRUE(sealed);
    EXPECT_THAT(sealed->encoded, Not(HasSubstr("pepper-from-config")));
    EXPECT_TRUE(bench.fits(kPassword, sealed->encoded));

    const auto named = bench.verifier.accept(stored, {"", {{"pepper_ref", "devise"}}});
    ASSERT_TRUE(named);
    EXPECT_FALSE(bench.verifier.verify(kPassword, named->encoded, soon())) << "the secret does not exist yet";
    bench.keeper.named["devise"] = "pepper-from-config";
    EXPECT_TRUE(bench.fits(kPassword, named->encoded));
    EXPECT_FALSE(bench.fits(std::string(kPassword) + "pepper-from-config", named->encoded));

    EXPECT_THAT(bench.refusal(stored, {"bcrypt", {{"pepper", "a"}, {"pepperRef", "b"}}}), HasSubstr("not both"));
    EXPECT_THAT(bench.refusal(named->encoded, {"bcrypt", {{"pepper", "twice"}}}), HasSubstr("unknown encoding"));

    HashMemory memory;
    const auto without = Verifier::make({}, memory);
    ASSERT_TRUE(without);
    EXPECT_FALSE(without->accept(stored, {"bcrypt", {{"pepper", "x"}}})) << "nobody to seal it";
}

TEST(Accept, SignerKeysDoNotRestInTheClear) {
    const Bench bench;
    const auto accepted = bench.verifier.accept(
        "$firescrypt$ln=10,r=8,p=1$AAECAwQFBgc=$VmZyoibKHSM7scWn5GnnidOnQQejpjspRG3WDpm2DzCwiiGa75+vHmw+oLM+63Tk6CChufbTIioJJJ3hFOmCuQ==$"
        "Bw==$"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==");
    ASSERT_TRUE(accepted);
    EXPECT_THAT(accepted->encoded, Not(HasSubstr("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")));
    EXPECT_TRUE(bench.fits(kPassword, accepted->encoded));
}

TEST(Verify, BcryptCutsAt72BytesAndNeverMatchesAtNul) {
    const Bench bench;
    EXPECT_FALSE(bench.fits(std::string(kPassword) + std::string(1, '\0'), kBcrypt));
    EXPECT_FALSE(bench.fits(std::string(kPassword) + std::string("\0more", 5), kBcrypt));

    // By bcrypt 4.0.1 of PyPI, of 72 times 'a'.
    constexpr std::string_view kLong = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
    EXPECT_TRUE(bench.fits(std::string(72, 'a'), kLong));
    EXPECT_TRUE(bench.fits(std::string(100, 'a'), kLong));
    EXPECT_TRUE(bench.fits(std::string(72, 'a') + "b", kLong));
    EXPECT_FALSE(bench.fits(std::string(71, 'a'), kLong));
    EXPECT_FALSE(bench.fits(std::string(71, 'a') + "b", kLong));
}

TEST(Verify, OddCandidatesAreWrongNotErrors) {
    const Bench bench;
    for (const std::string& password :
         {std::string(), std::string(kMaxCandidateBytes + 1, 'a'), std::string("\xff\xfe"), std::string(1, '\0')}) {
        for (const std::string_view stored :
             {kBcrypt, std::string_view("{MD5}fBr7nrjXOMnBuJFZWn+uSg=="), std::string_view("$1$abcdefgh$tOA/GhtTNlIMh2kw5x5oy1"),
              std::string_view("$godwit-ntlm$696ad8418624894bda3dcb79bb356af0")}) {
            const auto answer = bench.verifier.verify(password, stored, soon());
            ASSERT_TRUE(answer) << answer.error().message;
            EXPECT_FALSE(*answer);
        }
    }
}

TEST(Verify, AnEmptyPasswordFitsNotEvenItsOwnHash) {
    const Bench bench;
    EXPECT_FALSE(bench.fits("", "{MD5}1B2M2Y8AsgTpgAmY7PhCfg=="));
}

TEST(Describe, SaysWhatAHashIs) {
    const Bench bench;
    const auto plain = bench.verifier.describe(kBcrypt);
    EXPECT_TRUE(plain.recognised);
    EXPECT_TRUE(plain.accepted);
    EXPECT_EQ(plain.scheme, "bcrypt");
    EXPECT_THAT(plain.cost.parameters, Contains(std::pair<std::string, std::string>("cost", "4")));

    const auto costly = bench.verifier.describe("$2b$31$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy");
    EXPECT_TRUE(costly.recognised);
    EXPECT_FALSE(costly.accepted);
    EXPECT_THAT(costly.reason, HasSubstr("the limit is 16"));
    EXPECT_THAT(costly.cost.parameters, Contains(std::pair<std::string, std::string>("cost", "31")));

    const auto bare = bench.verifier.describe("7c1afb9eb8d738c9c1b891595a7fae4a");
    EXPECT_FALSE(bare.recognised);
    EXPECT_THAT(bare.possible_algorithms, Contains("ntlm"));

    const auto declared = bench.verifier.describe("7c1afb9eb8d738c9c1b891595a7fae4a", {"md5", {}});
    EXPECT_FALSE(declared.recognised);
    EXPECT_TRUE(declared.accepted);
    EXPECT_EQ(declared.algorithm, "md5");
    EXPECT_TRUE(declared.cost.weak);

    EXPECT_TRUE(bench.verifier.describe("!").no_password);
    EXPECT_THAT(bench.verifier.describe("Password1!").possible_algorithms, IsEmpty());
}

}  // namespace
}  // namespace godwit::password
