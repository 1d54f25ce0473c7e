#include "crypto/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/jwt.h"

namespace godwit::crypto {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::vector<std::string>> rows(const std::string& file) {
    std::vector<std::vector<std::string>> out;
    std::ifstream in("tests/vectors/crypto/" + file);
    for (std::string line; std::getline(in, line);) {
        const auto parts = split(line, '\t');
        out.emplace_back(parts.begin(), parts.end());
    }
    EXPECT_FALSE(out.empty()) << file;
    return out;
}

std::string decode(std::string_view text) { return base64_decode(text, Base64::url).value(); }

TEST(Keys, VerifyThePublishedExamples) {
    for (const auto& row : rows("rfc.tsv")) {
        const Algorithm algorithm = parse_algorithm(row[1]).value();
        const bool rsa = row[2] == "RSA";
        const auto key = PublicKey::from_jwk(
            {.kty = row[2], .crv = row[3], .n = rsa ? row[4] : "", .e = rsa ? row[5] : "", .x = rsa ? "" : row[4], .y = rsa ? "" : row[5]});
        ASSERT_TRUE(key) << row[0];
        const std::size_t dot = row[6].rfind('.');
        std::string signature = decode(row[6].substr(dot + 1));
        EXPECT_TRUE(key->verify(algorithm, row[6].substr(0, dot), signature)) << row[0];
        EXPECT_FALSE(key->verify(algorithm, row[6].substr(0, dot - 1), signature)) << row[0];
        signature.back() = static_cast<char>(signature.back() ^ 1);
        EXPECT_FALSE(key->verify(algorithm, row[6].substr(0, dot), signature)) << row[0];
    }
}

TEST(Keys, ReadWhatGoWritesAndSignWithIt) {
    for (const auto& row : rows("signatures.tsv")) {
        const Algorithm algorithm = parse_algorithm(row[0]).value();
        const auto public_key = PublicKey::from_pem(decode(row[1]));
        ASSERT_TRUE(public_key) << row[0];
        EXPECT_TRUE(public_key->verify(algorithm, decode(row[3]), decode(row[4]))) << row[0];
        const auto private_key = PrivateKey::from_pem(Secret(decode(row[2])));
        ASSERT_TRUE(private_key) << row[0];
        EXPECT_EQ(private_key->public_key().thumbprint(), public_key->thumbprint()) << row[0];
        const std::string message = "another message";
        EXPECT_TRUE(public_key->verify(algorithm, message, private_key->sign(algorithm, message).value())) << row[0];
        for (const Algorithm other :
             {Algorithm::RS256, Algorithm::RS384, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA}) {
            if (other != algorithm) {
                EXPECT_FALSE(public_key->verify(other, decode(row[3]), decode(row[4]))) << row[0] << name_of(other);
            }
        }
    }
}

TEST(Keys, GoThroughEveryForm) {
    std::vector<PrivateKey> keys = {PrivateKey::generate_rsa()};
    for (const KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::ed25519}) keys.push_back(PrivateKey::generate(type));
    for (const PrivateKey& key : keys) {
        const PublicKey public_key = key.public_key();
        const Algorithm algorithm = public_key.default_algorithm();
        const std::string signature = key.sign(algorithm, "m").value();
        for (const Result<PublicKey>& copy :
             {PublicKey::from_pem(public_key.to_pem()), PublicKey::from_der(public_key.to_der()),
              PublicKey::from_jwk(public_key.jwk_parameters()), PublicKey::from_pem(public_key.to_zitadel_pem())}) {
            ASSERT_TRUE(copy) << name_of(algorithm);
            EXPECT_EQ(copy->type(), public_key.type());
            EXPECT_TRUE(copy->verify(algorithm, "m", signature)) << name_of(algorithm);
        }
        EXPECT_EQ(PrivateKey::from_der(key.to_der())->public_key().thumbprint(), public_key.thumbprint());
        EXPECT_EQ(PrivateKey::from_pem(key.to_pem())->public_key().thumbprint(), public_key.thumbprint());
        EXPECT_FALSE(PrivateKey::from_pem(Secret(public_key.to_pem())));
        EXPECT_FALSE(key.sign(algorithm == Algorithm::EdDSA ? Algorithm::ES256 : Algorithm::EdDSA, "m"));
    }
    EXPECT_THAT(std::string(keys[0].to_pkcs1_pem().reveal()), StartsWith("-----BEGIN RSA PRIVATE KEY-----\n"));
    EXPECT_EQ(PrivateKey::from_pem(keys[0].to_pkcs1_pem())->public_key().thumbprint(), keys[0].public_key().thumbprint());
}

TEST(Keys, WriteJwksAsTheContractHasThem) {
    const PublicKey key =
        PublicKey::from_jwk({.kty = "OKP", .crv = "Ed25519", .n = "", .e = "", .x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", .y = ""})
            .value();
    EXPECT_EQ(key.to_jwk("k\"1", Algorithm::EdDSA),
              R"({"use":"sig","kty":"OKP","kid":"k\"1","alg":"EdDSA","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
    EXPECT_EQ(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");  // RFC 8037 A.3
    const PublicKey rsa =
        PublicKey::from_jwk({.kty = "RSA",
                             .crv = "",
                             .n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
                                  "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
                                  "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
                                  "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
                             .e = "AQAB",
                             .x = "",
                             .y = ""})
            .value();
    EXPECT_EQ(rsa.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");  // RFC 7638 3.1
}

TEST(Keys, RefuseWhatIsWeakForeignOrBroken) {
    const std::string pem = PrivateKey::generate(KeyType::p256).public_key().to_pem();
    EXPECT_FALSE(PublicKey::from_pem(""));
    EXPECT_FALSE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nMAAA\n-----END PUBLIC KEY-----\n"));
    EXPECT_FALSE(PublicKey::from_pem(pem.substr(0, pem.size() / 2)));
    EXPECT_FALSE(PublicKey::from_pem(PrivateKey::generate_rsa(1024).public_key().to_pem()));
    EXPECT_FALSE(PublicKey::from_der(PrivateKey::generate(KeyType::p256).public_key().to_der() + "x"));
    EXPECT_THAT(
        PrivateKey::from_pem(Secret("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")).error().message,
        HasSubstr("passphrase"));
    EXPECT_FALSE(PrivateKey::from_der(Secret(std::string(PrivateKey::generate(KeyType::p256).to_der().reveal()) + "x")));
    // Not on the curve.
    EXPECT_FALSE(PublicKey::from_jwk({.kty = "EC",
                                      .crv = "P-256",
                                      .n = "",
                                      .e = "",
                                      .x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                                      .y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}));
    EXPECT_FALSE(PublicKey::from_jwk({.kty = "oct", .crv = "", .n = "", .e = "", .x = "", .y = ""}));
    EXPECT_FALSE(PublicKey::from_jwk({.kty = "RSA", .crv = "", .n = "AQAB", .e = "AQAB", .x = "", .y = ""}));
    for (const char* name : {"none", "HS256", "rs256", "", "RS1"}) EXPECT_FALSE(parse_algorithm(name)) << name;
    EXPECT_EQ(parse_algorithm("Ed25519"), Algorithm::EdDSA) << "RFC 9864";
}

TEST(Keys, ReadSec1) {
    // openssl ecparam -name prime256v1 -genkey -noout; openssl ec -pubout
    const Secret sec1(R"(-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIEDPUUsRtdyVi3cm/yf3m6WsXpQv6p+2bkWxSGBOwFG5oAoGCCqGSM49
AwEHoUQDQgAE9O1Jc16UkIv2cjuGUg84FGxu4zifaQx0QFBxrQMIVuEsh16gRvmR
YobHFyo+J8PaxgOZKjMw1T62v6SZ0vayAg==
-----END EC PRIVATE KEY-----
)");
    const std::string_view pkix = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9O1Jc16UkIv2cjuGUg84FGxu4zif
aQx0QFBxrQMIVuEsh16gRvmRYobHFyo+J8PaxgOZKjMw1T62v6SZ0vayAg==
-----END PUBLIC KEY-----
)";
    const auto key = PrivateKey::from_pem(sec1);
    ASSERT_TRUE(key);
    EXPECT_TRUE(PublicKey::from_pem(pkix)->verify(Algorithm::ES256, "m", key->sign(Algorithm::ES256, "m").value()));
}

TEST(Keys, NeverAskForAPassphrase) {
    // openssl pkcs8 -topk8 -passout pass:secret, with the label of a plain key
    EXPECT_FALSE(PrivateKey::from_pem(Secret(R"(-----BEGIN PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhc8Fovw7MXUQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECvwz6Lk3UyRHOusJ0ZUtCgEgZAF
RK2r+vwApycIyXzs/fwteuOkJ7TrXuikpC2hNd3IzmERWzCL+S9s8OzYhx+q4pZF
kY8/bFoACFXQ1VA4OCgxoZbxSDad9lZN/50jGk7a1Ob+J269Atr7XnY92QNSYkUo
7K5dlrZ7OvFDbw+AZE4BL3gOuvTn51B+vXkNS6XoqqDSrUU223riYx53fsWzQDg=
-----END PRIVATE KEY-----
)")));
}

TEST(Keys, SignFromManyThreads) {
    const PrivateKey key = PrivateKey::generate(KeyType::p256);
    std::vector<int> good(4);
    {
        std::vector<std::jthread> threads;
        for (int& mine : good)
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i)
                    mine += key.public_key().verify(Algorithm::ES256, "m", key.sign(Algorithm::ES256, "m").value()) ? 1 : 0;
            });
    }
    EXPECT_THAT(good, testing::Each(50));
}

}  // namespace
}  // namespace godwit::crypto
