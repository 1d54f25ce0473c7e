// What signs, and for how long it counts: keys of every algorithm, before and after a change; the instance's lifetimes. On both engines.
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "godwit/settings/v1/settings.pb.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/token_issuer.h"

namespace godwit::oidc {
namespace {

class SigningTest : public ProviderTest {
protected:
    /// The header of a token whose signature one of the published keys made.
    crypto::Jwt verified(const std::string& token) {
        const auto keys = *signing_keys.published(home);
        std::vector<crypto::Algorithm> allowed;
        for (const auto& key : *keys) allowed.push_back(key.algorithm);
        auto jwt = crypto::verify_jwt(token, allowed, [&](const crypto::Jwt& header) -> std::optional<crypto::PublicKey> {
            for (const auto& key : *keys)
                if (key.kid == header.kid) return key.key;
            return std::nullopt;
        });
        EXPECT_TRUE(jwt) << jwt.error().message;
        return jwt.value_or(crypto::Jwt{});
    }
    std::int64_t seconds(const std::string& json, std::string_view name) {
        const auto at = json.find("\"" + std::string(name) + "\":");
        return at == json.npos ? -1 : std::atoll(json.c_str() + at + name.size() + 3);
    }
    std::string discovery() {
        clock().advance(std::chrono::seconds(3));  // older than the ready texts may be
        return body_of(get("/.well-known/openid-configuration"));
    }
};
GODWIT_ON_BOTH_ENGINES(SigningTest);

TEST_P(SigningTest, EachAlgorithmSignsAndIsUnderstood) {
    using enum crypto::Algorithm;
    auto before = sign_in_to(web);
    for (const auto algorithm : {RS256, RS512, PS256, ES256, ES384, ES512, EdDSA}) {
        const std::string name(crypto::name_of(algorithm));
        SCOPED_TRACE(name);
        const auto next = signing_keys.publish(home, {}, {.algorithm = algorithm});
        ASSERT_TRUE(next) << next.error().message;
        EXPECT_NE(body_of(get("/oauth/v2/keys")).find(R"("keys":[)"), std::string::npos);
        ASSERT_TRUE(signing_keys.activate(home, {}, next->kid));
        ASSERT_TRUE(provider.renew_documents());

        const auto tokens = sign_in_to(web);
        const auto id_token = verified(tokens.id), access_token = verified(tokens.access);
        EXPECT_EQ(crypto::name_of(id_token.algorithm), name);
        EXPECT_EQ(id_token.kid, next->kid);
        EXPECT_EQ(crypto::name_of(access_token.algorithm), name);
        EXPECT_EQ(member(id_token.payload, "at_hash"), half_hash(algorithm, tokens.access));
        EXPECT_EQ(userinfo(tokens.access).status, 200);
        EXPECT_EQ(userinfo(before.access).status, 200) << "what the key before signed is still good";
        EXPECT_EQ(get("/oidc/v1/end_session", build_query(Form{{"id_token_hint", before.id}})).status, 302);
        const auto document = discovery();
        EXPECT_NE(document.find(R"("id_token_signing_alg_values_supported":[")" + name + "\"]"), std::string::npos) << document;
        EXPECT_NE(body_of(get("/oauth/v2/keys")).find("\"" + next->kid + "\""), std::string::npos);
        before = sign_in_to(web);
    }
}

TEST_P(SigningTest, TellsTheAlgorithmThatComesNext) {
    ASSERT_TRUE(signing_keys.publish(home, {}, {.algorithm = crypto::Algorithm::EdDSA}));
    EXPECT_NE(discovery().find(R"("id_token_signing_alg_values_supported":["ES256","EdDSA"])"), std::string::npos);
}

TEST_P(SigningTest, ATokenOfARemovedKeyIsNone) {
    const auto tokens = sign_in_to(web);
    const auto old = verified(tokens.access).kid;
    const auto next = signing_keys.publish(home, {}, {.algorithm = crypto::Algorithm::ES256});
    ASSERT_TRUE(signing_keys.activate(home, {}, next->kid));
    EXPECT_EQ(userinfo(tokens.access).status, 200);
    ASSERT_TRUE(signing_keys.remove(home, {}, old));
    EXPECT_EQ(userinfo(tokens.access).status, 401);
}

TEST_P(SigningTest, TheKeySetMayBeKeptForAWhile) {
    const auto keys = get("/oauth/v2/keys");
    EXPECT_EQ(keys.headers.get("cache-control"), "max-age=300, must-revalidate");
}

TEST_P(SigningTest, LifetimesAreTheInstances) {
    settings::v1::OidcSettings wanted;
    wanted.set_access_token_lifetime(100);
    wanted.set_id_token_lifetime(200);
    wanted.set_refresh_token_idle_expiration(1'000);
    wanted.set_refresh_token_expiration(2'500);
    ASSERT_TRUE(settings.set(OrgScope(home, OrgId{}), {}, wanted));

    const auto answer_now = exchange(web, parameter(answer(web, sign_in(ann.id)), "code"));
    EXPECT_EQ(seconds(body_of(answer_now), "expires_in"), 100);
    auto tokens = tokens_of(answer_now);
    const auto id_token = verified(tokens.id).payload, access_token = verified(tokens.access).payload;
    EXPECT_EQ(seconds(id_token, "exp") - seconds(id_token, "iat"), 200);
    EXPECT_EQ(seconds(access_token, "exp") - seconds(access_token, "iat"), 100);
    clock().advance(std::chrono::seconds(99));
    EXPECT_EQ(userinfo(tokens.access).status, 200);
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(userinfo(tokens.access).status, 401);

    const auto unused = sign_in_to(native);
    for (int i = 0; i < 2; ++i) {  // each in time
        clock().advance(std::chrono::seconds(800));
        tokens = tokens_of(refresh(web, tokens.refresh));
    }
    EXPECT_EQ(member(body_of(refresh(native, unused.refresh)), "error"), "invalid_grant") << "idle for more than 1,000 s";
    clock().advance(std::chrono::seconds(900));
    EXPECT_EQ(member(body_of(refresh(web, tokens.refresh)), "error"), "invalid_grant") << "2,500 s after the first";

    wanted.set_access_token_lifetime(300);
    ASSERT_TRUE(settings.set(OrgScope(home, OrgId{}), {}, wanted));
    EXPECT_EQ(seconds(body_of(exchange(web, parameter(answer(web, sign_in(ann.id)), "code"))), "expires_in"), 300);
}

}  // namespace
}  // namespace godwit::oidc
