#include "crypto/jwt.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace godwit::crypto {
namespace {

constexpr Algorithm kAllowed[] = {Algorithm::ES256, Algorithm::RS256};

class JwtTest : public testing::Test {
protected:
    Result<Jwt> verify(std::string_view token, const PublicKey& key) const {
        return verify_jwt(token, kAllowed,
                          [&](const Jwt& unverified) { return unverified.kid == "k1" ? std::optional(key) : std::nullopt; });
    }
    static std::string token(std::string_view header, const PrivateKey& key) {
        const std::string signed_part = base64_encode(header, Base64::url) + "." + base64_encode("{}", Base64::url);
        return signed_part + "." + base64_encode(key.sign(Algorithm::ES256, signed_part).value(), Base64::url);
    }
    PrivateKey key_ = PrivateKey::generate(KeyType::p256);
};

TEST_F(JwtTest, ComesBackAsItWasMade) {
    const std::string made = encode_jwt(key_, Algorithm::ES256, "k1", "at+jwt", R"({"sub":"u1"})").value();
    const auto jwt = verify(made, key_.public_key());
    ASSERT_TRUE(jwt);
    EXPECT_EQ(jwt->payload, R"({"sub":"u1"})");
    EXPECT_EQ(jwt->typ, "at+jwt");
    EXPECT_EQ(verify(made, PrivateKey::generate(KeyType::p256).public_key()).error().code, Code::unauthenticated);
    EXPECT_FALSE(verify(encode_jwt(key_, Algorithm::ES256, "k2", "", "{}").value(), key_.public_key()));
    for (std::size_t i = 0; i < made.size(); ++i) {
        std::string changed = made;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(verify(changed, key_.public_key())) << i;
    }
}

TEST_F(JwtTest, NeverLetsTheTokenChooseItsAlgorithm) {
    const PrivateKey ed = PrivateKey::generate(KeyType::ed25519);
    EXPECT_EQ(verify(encode_jwt(ed, Algorithm::EdDSA, "k1", "", "{}").value(), ed.public_key()).error().code, Code::unauthenticated);
    for (const char* header : {R"({"alg":"none","kid":"k1"})", R"({"alg":"HS256","kid":"k1"})", R"({"alg":"RS256","kid":"k1"})",
                               R"({"kid":"k1"})", R"({"alg":1})"})
        EXPECT_FALSE(verify(token(header, key_), key_.public_key())) << header;
    EXPECT_FALSE(verify(base64_encode(R"({"alg":"none"})", Base64::url) + ".e30.", key_.public_key()));
}

TEST_F(JwtTest, RefusesOddHeadersAndForms) {
    EXPECT_TRUE(verify(token(R"({"alg":"ES256","kid":"k1","x":{"a":[1]}})", key_), key_.public_key()));
    for (const char* header : {R"({"alg":"ES256","kid":"k1","crit":["exp"]})", R"({"alg":"ES256","alg":"ES256","kid":"k1"})",
                               R"({"alg":"ES256","kid":7})", R"([])", R"({)", ""})
        EXPECT_EQ(verify(token(header, key_), key_.public_key()).error().code, Code::invalid_argument) << header;
    const std::string good = token(R"({"alg":"ES256","kid":"k1"})", key_);
    for (const std::string& bad :
         {std::string(), good + ".", good + "=", " " + good, good.substr(0, good.rfind('.')), good + "\n", std::string(70'000, 'A')})
        EXPECT_FALSE(verify(bad, key_.public_key()));
}

}  // namespace
}  // namespace godwit::crypto
