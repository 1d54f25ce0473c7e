#include "credentials/password/hasher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/password/test_support.h"

namespace godwit::password {
namespace {

using testing::StartsWith;
using Algorithm = HasherConfig::Algorithm;

HasherConfig cheap(Algorithm algorithm) {
    HasherConfig out;
    out.algorithm = algorithm;
    out.argon2_memory_kib = 64;
    out.bcrypt_cost = 4;
    out.scrypt_log2n = 6;
    out.pbkdf2_iterations = 10;
    return out;
}

constexpr Algorithm kAll[] = {Algorithm::argon2id, Algorithm::argon2i, Algorithm::bcrypt, Algorithm::scrypt, Algorithm::pbkdf2};

TEST(Hasher, HashesVerifyAndNeedNoRehash) {
    Bench bench;
    for (const Algorithm algorithm : kAll) {
        const auto hasher = Hasher::make(cheap(algorithm), bench.memory, bench.verifier);
        ASSERT_TRUE(hasher);
        const auto encoded = hasher->hash("Correct-Horse-7é", soon());
        ASSERT_TRUE(encoded);
        EXPECT_TRUE(bench.fits("Correct-Horse-7é", *encoded)) << *encoded;
        EXPECT_FALSE(bench.fits("Correct-Horse-7e", *encoded)) << *encoded;
        EXPECT_FALSE(hasher->needs_rehash(*encoded)) << *encoded;
        EXPECT_NE(*encoded, *hasher->hash("Correct-Horse-7é", soon())) << "the salt is new each time";
    }
}

TEST(Hasher, WritesTheFormsTheReferenceReads) {
    Bench bench;
    const std::pair<Algorithm, std::string> forms[] = {{Algorithm::argon2id, "$argon2id$v=19$m=19456,t=2,p=1$"},
                                                       {Algorithm::argon2i, "$argon2i$v=19$m=19456,t=2,p=1$"},
                                                       {Algorithm::bcrypt, "$2b$12$"},
                                                       {Algorithm::scrypt, "$scrypt$ln=15,r=8,p=1$"},
                                                       {Algorithm::pbkdf2, "$pbkdf2-sha256$600000$"}};
    for (const auto& [algorithm, prefix] : forms) {
        HasherConfig config;
        config.algorithm = algorithm;
        const auto hasher = Hasher::make(config, bench.memory, bench.verifier);
        ASSERT_TRUE(hasher);
        const auto encoded = hasher->hash("x", soon());
        ASSERT_TRUE(encoded);
        EXPECT_THAT(*encoded, StartsWith(prefix));
        EXPECT_TRUE(bench.fits("x", *encoded));
    }
}

TEST(Hasher, AsksForARehashWhenAnythingDiffers) {
    Bench bench;
    for (const Algorithm one : kAll) {
        const auto hasher = Hasher::make(cheap(one), bench.memory, bench.verifier);
        for (const Algorithm other : kAll) {
            const auto encoded = Hasher::make(cheap(other), bench.memory, bench.verifier)->hash("x", soon());
            EXPECT_EQ(hasher->needs_rehash(*encoded), one != other) << *encoded;
        }
    }
    const auto bcrypt = Hasher::make(cheap(Algorithm::bcrypt), bench.memory, bench.verifier);
    EXPECT_FALSE(bcrypt->needs_rehash("$2a$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"));
    EXPECT_FALSE(bcrypt->needs_rehash("$2y$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"));
    EXPECT_TRUE(bcrypt->needs_rehash("$2b$05$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"));
    EXPECT_TRUE(bcrypt->needs_rehash("bcrypt$$2b$04$abcdefghijklmnopqrstuuIPTYYV.Zp4rvD/5LwDwasuCbJdL0cRy"));
    EXPECT_TRUE(bcrypt->needs_rehash(""));

    const auto argon2 = Hasher::make(cheap(Algorithm::argon2id), bench.memory, bench.verifier);
    EXPECT_TRUE(argon2->needs_rehash("$argon2id$v=19$m=64,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$nEUXC1i8GSmUwRedjesgWiH8ATpw0sbtc2Naipfzt/o"));
    EXPECT_FALSE(argon2->needs_rehash("$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$nEUXC1i8GSmUwRedjesgWiH8ATpw0sbtc2Naipfzt/o"));
    EXPECT_TRUE(argon2->needs_rehash("$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgc$nEUXC1i8GSmUwRedjesgWiH8ATpw0sbtc2Naipfzt/o"))
        << "a shorter salt";
}

TEST(Hasher, BoundsNewPasswords) {
    Bench bench;
    const auto argon2 = Hasher::make(cheap(Algorithm::argon2id), bench.memory, bench.verifier);
    const auto bcrypt = Hasher::make(cheap(Algorithm::bcrypt), bench.memory, bench.verifier);
    std::string horses;
    for (int i = 0; i < 200; ++i) horses += "🐎";  // 800 bytes
    EXPECT_TRUE(argon2->hash(horses, soon()));
    EXPECT_TRUE(bench.fits(horses, *argon2->hash(horses, soon())));
    EXPECT_TRUE(argon2->hash(std::string(200, 'a'), soon()));
    EXPECT_TRUE(bcrypt->hash(std::string(72, 'a'), soon()));
    struct {
        const Hasher& hasher;
        std::string password;
    } const bad[] = {{*argon2, ""},
                     {*argon2, std::string(201, 'a')},
                     {*argon2, horses + "x"},
                     {*argon2, std::string("a\0b", 3)},
                     {*bcrypt, std::string(73, 'a')},
                     {*bcrypt, std::string("a\0b", 3)},
                     {*bcrypt, ""}};
    for (const auto& row : bad) {
        const auto answer = row.hasher.hash(row.password, soon());
        ASSERT_FALSE(answer) << row.password.size();
        EXPECT_EQ(answer.error().code, Code::invalid_argument);
    }
}

TEST(Hasher, RefusesConfigurationsThatCannotBeVerified) {
    Bench bench;
    const auto refused = [&](auto change) {
        HasherConfig config = cheap(Algorithm::argon2id);
        change(config);
        return !Hasher::make(config, bench.memory, bench.verifier);
    };
    EXPECT_TRUE(refused([](HasherConfig& c) { c.argon2_memory_kib = 4; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.argon2_passes = 0; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.argon2_memory_kib = 2 * 1024 * 1024; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.algorithm = Algorithm::bcrypt, c.bcrypt_cost = 3; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.algorithm = Algorithm::bcrypt, c.bcrypt_cost = 17; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.algorithm = Algorithm::scrypt, c.scrypt_log2n = 32; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.algorithm = Algorithm::scrypt, c.scrypt_r = 0; }));
    EXPECT_TRUE(refused([](HasherConfig& c) { c.algorithm = Algorithm::pbkdf2, c.pbkdf2_iterations = 0; }));
    EXPECT_FALSE(find_hasher_algorithm("md5"));
    EXPECT_EQ(find_hasher_algorithm("PBKDF2"), Algorithm::pbkdf2);

    const Bench forbidding({.limits = {}, .forbidden = {"argon2id"}});
    HashMemory memory;
    EXPECT_FALSE(Hasher::make(cheap(Algorithm::argon2id), memory, forbidding.verifier));
}

TEST(Hasher, TheDummyTakesThePathOfARealHash) {
    Bench bench;
    for (const Algorithm algorithm : kAll) {
        const auto hasher = Hasher::make(cheap(algorithm), bench.memory, bench.verifier);
        EXPECT_TRUE(hasher->dummy_verify("anything", soon()));
        EXPECT_TRUE(hasher->dummy_verify("", soon()));
    }
    // It asks for memory like any other: none left, no answer.
    const auto hasher = Hasher::make(cheap(Algorithm::argon2id), bench.memory, bench.verifier);
    const auto all = bench.memory.reserve(bench.memory.usage().budget_bytes, soon());
    ASSERT_TRUE(all);
    const auto answer = hasher->dummy_verify("anything", std::chrono::steady_clock::now());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::resource_exhausted);
}

}  // namespace
}  // namespace godwit::password
