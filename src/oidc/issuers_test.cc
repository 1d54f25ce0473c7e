// Two issuers of one instance: names, layouts, keys. On both engines.
#include <gtest/gtest.h>

#include "crypto/jwt.h"
#include "godwit/issuer/v1/issuer.pb.h"
#include "oidc/issuer_table.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"

namespace godwit::oidc {
namespace {

const std::string kRealm = "http://localhost:8080/realms/acme";

issuer::v1::Paths realm_paths(const std::string& realm = "/realms/acme") {
    issuer::v1::Paths paths;
    paths.set_authorization(realm + "/auth");
    paths.set_token(realm + "/token");
    paths.set_keys(realm + "/certs");
    paths.set_userinfo(realm + "/userinfo");
    paths.set_end_session(realm + "/logout");
    return paths;
}

class IssuersTest : public ProviderTest {
protected:
    std::string add(const std::string& name, const issuer::v1::Paths& paths, InstanceScope scope) {
        const auto row = provider.issuers().add(scope, {}, name, paths, instances);
        return row ? std::to_string(row->id) : row.error().id;
    }
    std::string add(const std::string& name, const issuer::v1::Paths& paths) { return add(name, paths, home); }

    /// The token response of a code that was asked for at `authorize` and redeemed at `token`.
    Tokens sign_in_at(const std::string& authorize, const std::string& token) {
        const auto begun = get(authorize, build_query(asking(web)));
        EXPECT_EQ(begun.status, 302) << body_of(begun);
        const auto location =
            provider.auth_requests().finish(home, parameter(begun.headers.get("location"), "authRequest"), sign_in(ann.id));
        EXPECT_TRUE(location);
        from = parameter(location.value_or(""), "iss");
        return tokens_of(post(token,
                              {{"grant_type", "authorization_code"},
                               {"code", parameter(location.value_or(""), "code")},
                               {"redirect_uri", kCallback},
                               {"code_verifier", kVerifier}},
                              &web));
    }
    struct Said {
        std::string iss, kid;
    };
    Said said(const std::string& token) {
        const auto jwt = crypto::parse_unverified_jwt(token);
        EXPECT_TRUE(jwt) << token;
        if (!jwt) return {};
        const auto claims = read_claims(jwt->payload);
        EXPECT_TRUE(claims) << jwt->payload;
        return claims ? Said{claims->iss, jwt->kid} : Said{};
    }
    std::string from;  ///< `iss` of the last answer (RFC 9207)
};
GODWIT_ON_BOTH_ENGINES(IssuersTest);

TEST_P(IssuersTest, ServesTheLayoutAndTheKeyOfAnotherSystemBesideItsOwn) {
    const auto key = key::SigningKeys::make({});
    const auto id = add(kRealm, realm_paths());
    ASSERT_TRUE(signing_keys.import(home, {}, std::stoll(id), "legacy", crypto::Algorithm::RS256, key));

    const auto metadata = body_of(get("/realms/acme/.well-known/openid-configuration"));
    EXPECT_EQ(member(metadata, "issuer"), kRealm);
    EXPECT_EQ(member(metadata, "token_endpoint"), kRealm + "/token");
    EXPECT_EQ(member(metadata, "introspection_endpoint"), "") << "not served there";
    EXPECT_EQ(metadata.find("introspection_endpoint_auth"), metadata.npos);
    EXPECT_NE(metadata.find(R"("id_token_signing_alg_values_supported":["RS256"])"), metadata.npos);
    EXPECT_EQ(body_of(get("/.well-known/oauth-authorization-server/realms/acme")), metadata);

    const auto theirs = sign_in_at("/realms/acme/auth", "/realms/acme/token");
    EXPECT_EQ(from, kRealm);
    EXPECT_EQ(said(theirs.id).iss, kRealm);
    EXPECT_EQ(said(theirs.id).kid, "legacy");
    EXPECT_EQ(said(theirs.access).kid, "legacy");
    EXPECT_TRUE(crypto::verify_jwt(theirs.id, std::vector{crypto::Algorithm::RS256},
                                   [&](const crypto::Jwt&) { return std::optional(key.public_key()); }));
    const auto own = sign_in_at("/oauth/v2/authorize", "/oauth/v2/token");
    EXPECT_EQ(said(own.id).iss, "http://localhost:8080");
    EXPECT_NE(said(own.id).kid, "legacy");
    EXPECT_EQ(userinfo(theirs.access).status, 200) << "one instance, one set of people";

    EXPECT_NE(body_of(get("/realms/acme/certs")).find("\"legacy\""), std::string::npos);
    EXPECT_EQ(body_of(get("/oauth/v2/keys")).find("\"legacy\""), std::string::npos);
    EXPECT_EQ(get("/realms/acme/logout", build_query(Form{{"id_token_hint", theirs.id}})).status, 302);
    EXPECT_EQ(get("/realms/acme/logout", build_query(Form{{"id_token_hint", own.id}})).status, 400) << "a hint of the other issuer";

    ASSERT_TRUE(provider.issuers().remove(home, {}, id));
    EXPECT_EQ(get("/oidc/v1/userinfo").status, 401);
    EXPECT_EQ(userinfo(own.access).status, 200);
    EXPECT_EQ(userinfo(theirs.access).status, 401) << "its keys are gone";
    clock().advance(std::chrono::seconds(3));
    ASSERT_TRUE(provider.issuers().refresh());
    http::Request request;
    request.method = "GET";
    request.host = "localhost";
    request.path = "/realms/acme/certs";
    EXPECT_FALSE(provider.route(request));
}

TEST_P(IssuersTest, AnIssuerCalledLikeItsHostTakesTheOwnOnesPlace) {
    ASSERT_TRUE(instances.add_host(home, {}, "legacy.example", instance::HostKind::custom));
    issuer::v1::Paths paths;
    paths.set_authorization("/authorize");
    paths.set_token("/oauth/token");
    paths.set_keys("/.well-known/jwks.json");
    ASSERT_EQ(add("http://legacy.example:8080", paths).find("ISSUER"), std::string::npos);
    const auto at = [&](const std::string& host, const std::string& path) {
        http::Request request;
        request.method = "GET";
        request.host = host;
        request.path = path;
        return body_of(send(std::move(request)));
    };
    const auto metadata = at("legacy.example", "/.well-known/openid-configuration");
    EXPECT_EQ(member(metadata, "token_endpoint"), "http://legacy.example:8080/oauth/token");
    EXPECT_EQ(at("LEGACY.example", "/.well-known/openid-configuration"), metadata);
    EXPECT_EQ(member(at("localhost", "/.well-known/openid-configuration"), "token_endpoint"), "http://localhost:8080/oauth/v2/token");
    EXPECT_EQ(at("legacy.example", "/.well-known/jwks.json"), at("localhost", "/oauth/v2/keys")) << "no key of its own";
}

TEST_P(IssuersTest, StaysWithItsHostAndItsInstance) {
    const auto other = make_instance("other.example");
    EXPECT_EQ(add("http://other.example:8080/realms/acme", realm_paths()), "V3-DKcYh") << "another instance's host";
    const auto id = add("http://other.example:8080/realms/acme", realm_paths(), other);
    EXPECT_EQ(provider.issuers().get(home, id).error().id, "ISSUER-Get01");
    EXPECT_EQ(provider.issuers().remove(home, {}, id).error().id, "ISSUER-Get01");
    EXPECT_TRUE(provider.issuers().list(home)->empty());
    ASSERT_TRUE(provider.issuers().refresh());
    EXPECT_FALSE(provider.issuers().peek("localhost", "/realms/acme/token")) << "on its host only";
    EXPECT_TRUE(provider.issuers().peek("other.example", "/realms/acme/token"));
    EXPECT_FALSE(*provider.issuers().find("nobody.example", "/oauth/v2/token"));

    const auto made = add("http://new.example:8080/x", realm_paths("/x"));
    EXPECT_EQ(instances.find_by_host("new.example")->value().scope, home) << "the host was nobody's";
    EXPECT_EQ(add("http://new.example:8080/x", realm_paths("/y")), "ISSUER-Add01") << "the name is taken";
    EXPECT_EQ(add("http://new.example:8080/z", realm_paths("/x")), "ISSUER-Add01") << "the paths are";
}

TEST_P(IssuersTest, RefusesWhatCannotBe) {
    for (const std::string name : {"", "acme", "ftp://localhost/x", "http://localhost/x?y", "http://localhost/x#y", "http://a@localhost/x"})
        EXPECT_EQ(add(name, realm_paths()), "ISSUER-Name1") << name;
    for (const std::string path : {"token", "/ui/v2/login/token", "/management/v1/x", "/a//b", "/a b", "/a%20b", "/realms/acme/auth"}) {
        auto paths = realm_paths();
        paths.set_token(path);
        EXPECT_EQ(add(kRealm, paths), "ISSUER-Path1") << path;
    }
}

}  // namespace
}  // namespace godwit::oidc
