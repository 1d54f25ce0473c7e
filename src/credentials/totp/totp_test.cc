#include "credentials/totp/totp.h"

#include <gtest/gtest.h>

namespace godwit::totp {
namespace {

using crypto::Hash;

Time at(std::int64_t seconds) { return {seconds * 1'000'000}; }

TEST(Totp, AgreesWithRfc6238) {
    // Appendix B; by erratum 2866 each algorithm has its own seed.
    const Secret seeds[] = {Secret("12345678901234567890"), Secret("12345678901234567890123456789012"),
                            Secret("1234567890123456789012345678901234567890123456789012345678901234")};
    const Hash hashes[] = {Hash::sha1, Hash::sha256, Hash::sha512};
    const struct {
        std::int64_t time;
        const char* codes[3];
    } rows[] = {{59, {"94287082", "46119246", "90693936"}},         {1111111109, {"07081804", "68084774", "25091201"}},
                {1111111111, {"14050471", "67062674", "99943326"}}, {1234567890, {"89005924", "91819424", "93441116"}},
                {2000000000, {"69279037", "90698825", "38618901"}}, {20000000000, {"65353130", "77737706", "47863826"}}};
    for (const auto& row : rows)
        for (int i = 0; i < 3; ++i) {
            Parameters parameters{.hash = hashes[i], .digits = 8, .period = std::chrono::seconds(30)};
            EXPECT_EQ(code_at(seeds[i], parameters, step_at(parameters, at(row.time))), row.codes[i]) << row.time;
            EXPECT_EQ(verify(seeds[i], parameters, row.codes[i], at(row.time)), row.time / 30);
            parameters.digits = 6;
            EXPECT_EQ(code_at(seeds[i], parameters, step_at(parameters, at(row.time))), std::string(row.codes[i] + 2));
        }
}

class VerifyTest : public testing::Test {
protected:
    Secret key_{"12345678901234567890"};
    Parameters parameters_;
    std::string code(std::int64_t step) const { return code_at(key_, parameters_, step); }
};

TEST_F(VerifyTest, TakesTheNeighbouringStepsAndNoOther) {
    const Time now = at(1000 * 30 + 29);
    for (const std::int64_t step : {999, 1000, 1001}) EXPECT_EQ(verify(key_, parameters_, code(step), now), step);
    for (const std::int64_t step : {998, 1002}) EXPECT_FALSE(verify(key_, parameters_, code(step), now)) << step;
    EXPECT_EQ(verify(key_, parameters_, code(998), now, std::nullopt, 2), 998);
    EXPECT_FALSE(verify(key_, parameters_, code(999), now, std::nullopt, 0));
}

TEST_F(VerifyTest, TakesACodeOnce) {
    const Time now = at(1000 * 30);
    const auto used = verify(key_, parameters_, code(1000), now);
    ASSERT_EQ(used, 1000);
    EXPECT_FALSE(verify(key_, parameters_, code(1000), now, used));
    EXPECT_FALSE(verify(key_, parameters_, code(999), now, used));
    EXPECT_EQ(verify(key_, parameters_, code(1001), now, used), 1001);
}

TEST_F(VerifyTest, IsNotFussyAboutSpacesButAboutDigits) {
    const Time now = at(1000 * 30);
    const std::string right = code(1000);
    EXPECT_TRUE(verify(key_, parameters_, " " + right.substr(0, 3) + " " + right.substr(3) + "\n", now));
    for (const std::string& wrong :
         {std::string(), right.substr(1), right + "0", "0" + right, std::string("abcdef"), std::string(5000, '1')})
        EXPECT_FALSE(verify(key_, parameters_, wrong, now)) << wrong;
}

TEST(ReadKey, TakesBase32AsItComes) {
    for (const char* text : {"JBSWY3DPEHPK3PXP", "jbsw y3dp ehpk 3pxp", "JBSWY3DPEHPK3PXP======", "jbsw-y3dp-ehpk-3pxp"})
        EXPECT_EQ(read_key(text)->reveal(), "Hello!\xde\xad\xbe\xef") << text;
    for (const char* text : {"", "not base32!", "0189", "=", "A"}) EXPECT_FALSE(read_key(text)) << text;
    EXPECT_FALSE(read_key(std::string(4097, 'A')));
}

TEST(Otpauth, IsReadWithDefaultsAndParameters) {
    const auto plain = parse_otpauth("otpauth://totp/alice@example.com?secret=jbswy3dpehpk3pxp");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->bytes.reveal(), "Hello!\xde\xad\xbe\xef");
    EXPECT_EQ(plain->parameters, Parameters{});
    EXPECT_EQ(plain->account, "alice@example.com");
    const auto full =
        parse_otpauth("otpauth://totp/Big Co%3A%20alice?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp&algorithm=SHA256&digits=8&period=60");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->issuer, "Big Corp");
    EXPECT_EQ(full->account, "alice");
    EXPECT_EQ(full->parameters, (Parameters{.hash = Hash::sha256, .digits = 8, .period = std::chrono::seconds(60)}));
    const auto again = parse_otpauth(otpauth_uri(*full).reveal());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->bytes.reveal(), full->bytes.reveal());
    EXPECT_EQ(again->parameters, full->parameters);
    EXPECT_EQ(again->issuer, full->issuer);
    EXPECT_EQ(again->account, full->account);
    EXPECT_EQ(make_key().reveal().size(), 20U);
}

TEST(Otpauth, RefusesWhatCannotBeUsed) {
    for (const char* uri : {"", "otpauth://hotp/a?secret=JBSWY3DP&counter=1", "otpauth://totp/a", "otpauth://totp/a?secret=!",
                            "https://totp/a?secret=JBSWY3DP", "otpauth://totp/a?secret=JBSWY3DP&digits=5",
                            "otpauth://totp/a?secret=JBSWY3DP&digits=9", "otpauth://totp/a?secret=JBSWY3DP&period=0",
                            "otpauth://totp/a?secret=JBSWY3DP&algorithm=MD5", "otpauth://totp/%zz?secret=JBSWY3DP"})
        EXPECT_FALSE(parse_otpauth(uri)) << uri;
}

}  // namespace
}  // namespace godwit::totp
