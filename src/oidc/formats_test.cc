// The texts and bytes that come from outside: tokens, Basic headers, claims, parameters.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "oidc/client_auth.h"
#include "oidc/json_reader.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"
#include "oidc/token_families.h"
#include "oidc/token_payload.h"

namespace godwit::oidc {
namespace {

TEST(TokenId, IsReadBackFromItsJti) {
    const TokenId with_family{4611686018427387905, 3, 4611686018427387999};
    EXPECT_EQ(with_family.jti(), "V2_4611686018427387905-at_4611686018427387999.3");
    EXPECT_EQ(TokenId::parse(with_family.jti()), with_family);
    const TokenId alone{0, 0, 77};
    EXPECT_EQ(alone.jti(), "V2_77-at_77");
    EXPECT_EQ(TokenId::parse(alone.jti()), alone);
    for (const auto* bad : {"", "V2_", "V2_1-at_2", "V2_1-at_2.0", "V2_1-at_2.x", "V2_-1-at_-1", "V2_0-at_0", "V1_1-at_1", "77"})
        EXPECT_FALSE(TokenId::parse(bad)) << bad;
}

TEST(TokenPayload, IsReadBackAndRefusesEveryCut) {
    TokenPayload payload;
    payload.id = {5, 1, 9};
    payload.user = UserId(7);
    payload.session = SessionId(8);
    payload.app = AppId(3);
    payload.client_id = "client";
    payload.scopes = {"openid", "urn:zitadel:iam:org:id:1", "profile"};
    payload.audience = {"client", "project"};
    payload.amr = {"pwd"};
    payload.auth_time = {1};
    payload.issued = {2};
    payload.expires = {3};
    for (const auto& actors : {std::vector<std::string>{}, {"robot", "ann"}}) {
        payload.actors = actors;
        const auto bytes = payload.pack();
        const auto back = TokenPayload::unpack(bytes);
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, payload);
        for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(TokenPayload::unpack(bytes.substr(0, size))) << size;
        EXPECT_FALSE(TokenPayload::unpack(bytes + "x"));
    }
}

TEST(ReadClaims, NameEveryActorOfTheChain) {
    EXPECT_EQ(read_claims(R"({"act":{"sub":"a","iss":"i","act":{"sub":"b"}}})")->actors, (std::vector<std::string>{"a", "b"}));
    for (const auto* bad : {R"({"act":"a"})", R"({"act":{}})", R"({"act":{"sub":1}})", R"({"act":{"sub":"a","act":{}}})"})
        EXPECT_FALSE(read_claims(bad)) << bad;
    std::string deep = R"({"sub":"x"})";
    for (int i = 0; i < 20; ++i) deep = R"({"sub":"x","act":)" + deep + "}";
    EXPECT_FALSE(read_claims(R"({"act":)" + deep + "}"));
}

TEST(ReadParameters, TakeTextsNumbersAndObjects) {
    const auto read = read_parameters(R"({"scope":"openid","max_age":60,"claims":{"id_token":{"acr":null}},"x":null,"b":true})");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (QueryParameters{{"scope", "openid"}, {"max_age", "60"}, {"claims", R"({"id_token":{"acr":null}})"}, {"b", "true"}}));
    for (const auto* bad : {"", "[]", "{", R"({"a":"1","a":"2"})", R"({"a":"\u0000"})"}) EXPECT_FALSE(read_parameters(bad)) << bad;
}

TEST(RefreshToken, IsReadBackAndNothingElseIs) {
    const RefreshToken token{1, 2, std::string(32, 's')};
    const auto back = RefreshToken::parse(token.text());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->family, 1);
    EXPECT_EQ(back->generation, 2);
    EXPECT_EQ(back->secret, token.secret);
    EXPECT_FALSE(RefreshToken::parse(""));
    EXPECT_FALSE(RefreshToken::parse(token.text() + "A"));
    EXPECT_FALSE(RefreshToken::parse(token.text().substr(1)));
    EXPECT_FALSE(RefreshToken::parse("abc"));
}

TEST(ParseBasic, DecodesBothHalvesAsForms) {
    const auto plain = parse_basic("Basic " + base64_encode("id:secret"));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->client_id, "id");
    EXPECT_EQ(plain->secret, "secret");
    const auto encoded = parse_basic("basic " + base64_encode("a%3Ab+c:p%2Bq:r"));
    ASSERT_TRUE(encoded);
    EXPECT_EQ(encoded->client_id, "a:b c");
    EXPECT_EQ(encoded->secret, "p+q:r");
    for (const std::string& bad : {std::string("Bearer x"), "Basic " + base64_encode("nocolon"), "Basic " + base64_encode(":secret"),
                                   "Basic " + base64_encode("a%zz:b"), std::string("Basic !!!"), std::string("Basic"),
                                   "Basic " + base64_encode("a%00:b"), "Basic " + base64_encode("a:\xff")})
        EXPECT_FALSE(parse_basic(bad)) << bad;
}

TEST(ReadCredentials, TakesExactlyOneKind) {
    struct Row {
        const char* name;
        std::string authorization, form;
        std::string_view error;  ///< "" for none
    };
    const auto basic = "Basic " + base64_encode("id:secret");
    const std::string assertion =
        "client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    const Row rows[] = {
        {"nothing", "", "", kInvalidRequest},
        {"a name", "", "client_id=id", ""},
        {"basic", basic, "", ""},
        {"basic with its own name", basic, "client_id=id", ""},
        {"basic with another name", basic, "client_id=other", kInvalidRequest},
        {"basic and post", basic, "client_id=id&client_secret=secret", kInvalidRequest},
        {"post and assertion", "", assertion + "&client_id=id&client_secret=secret", kInvalidRequest},
        {"assertion", "", assertion, ""},
        {"assertion of another type", "", "client_assertion=a.b.c&client_assertion_type=saml", kInvalidRequest},
        {"secret without name", "", "client_secret=secret", kInvalidRequest},
        {"broken basic", "Basic !!!", "", kInvalidClient},
    };
    for (const auto& row : rows) {
        http::Request request;
        if (!row.authorization.empty()) request.headers.set("authorization", row.authorization);
        const auto read = read_credentials({}, request, *Parameters::parse(row.form));
        EXPECT_EQ(read ? "" : read.error().id, row.error) << row.name;
    }
}

TEST(ReadClaims, IsStrict) {
    const auto claims = read_claims(R"({"iss":"i","sub":"s","aud":"one","exp":12.9,"iat":10,"other":{"a":[1]}})");
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->aud, std::vector<std::string>{"one"});
    EXPECT_EQ(claims->exp, 12);
    EXPECT_TRUE(claims->is_for("one"));
    EXPECT_FALSE(claims->is_for("two"));
    for (const auto* bad : {"", "[]", "{", R"({"exp":"12"})", R"({"exp":-1})", R"({"exp":1e300})", R"({"aud":[1]})", R"({"aud":{}})",
                            R"({"sub":1})", R"({"sub":"a","sub":"b"})", R"({"sub":"a"} x)"})
        EXPECT_FALSE(read_claims(bad)) << bad;
}

TEST(Parameters, ComeOnceAndProperlyEncoded) {
    EXPECT_EQ(Parameters::parse("a=1&b=2&a=3")->repeated(), "a");
    EXPECT_EQ(Parameters::parse("audience=1&audience=2")->repeated(), "");
    EXPECT_FALSE(Parameters::parse("a=%zz"));
    EXPECT_FALSE(Parameters::parse("a=%ff"));
    EXPECT_FALSE(Parameters::parse("a=%00"));
    http::Request json;
    json.method = "POST";
    json.headers.set("content-type", "application/json");
    json.query = "grant_type=x";
    json.body = "grant_type=x";
    EXPECT_FALSE(Parameters::of(json)->has("grant_type"));
    json.headers.set("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_TRUE(Parameters::of(json)->has("grant_type"));
}

}  // namespace
}  // namespace godwit::oidc
