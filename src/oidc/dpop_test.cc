// Proofs of possession (RFC 9449): what a proof must be, and what tokens that are bound to a key are good for.
#include "oidc/dpop.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "oidc/access_tokens.h"
#include "oidc/oauth_error.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/purge.h"
#include "transport/http/authorization.h"

namespace godwit::oidc {
namespace {

const std::string kTokenUrl = "http://localhost:8080/oauth/v2/token", kUserinfoUrl = "http://localhost:8080/oidc/v1/userinfo";

std::string jwk_of(const crypto::PrivateKey& key) {
    const auto parameters = key.public_key().jwk_parameters();
    JsonObject out;
    out.set("kty", parameters.kty);
    out.set_if("crv", parameters.crv);
    out.set_if("n", parameters.n);
    out.set_if("e", parameters.e);
    out.set_if("x", parameters.x);
    out.set_if("y", parameters.y);
    return out.text();
}

std::string signed_by(const crypto::PrivateKey& key, const std::string& header, const std::string& payload) {
    const auto signed_part = base64_encode(header, Base64::url) + "." + base64_encode(payload, Base64::url);
    return signed_part + "." + base64_encode(*key.sign(key.public_key().default_algorithm(), signed_part), Base64::url);
}

std::string header_of(const crypto::PrivateKey& key, const std::string& typ = "dpop+jwt", std::string alg = {}) {
    if (alg.empty()) alg = crypto::name_of(key.public_key().default_algorithm());
    return R"({"typ":")" + typ + R"(","alg":")" + alg + R"(","jwk":)" + jwk_of(key) + "}";
}

TEST(DpopProof, IsTakenApartOnlyWhenItIsOne) {
    const auto key = crypto::PrivateKey::generate(crypto::KeyType::p256), other = crypto::PrivateKey::generate(crypto::KeyType::p256);
    const std::string payload = R"({"jti":"1","htm":"POST","htu":"https://x/t","iat":1})";
    const auto good = parse_dpop_proof(signed_by(key, header_of(key), payload));
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->jkt, key.public_key().thumbprint());
    EXPECT_EQ(good->htu, "https://x/t");
    for (const auto type : {crypto::KeyType::ed25519, crypto::KeyType::p384}) {
        const auto another = crypto::PrivateKey::generate(type);
        EXPECT_TRUE(parse_dpop_proof(signed_by(another, header_of(another), payload)));
    }
    const auto ed25519 = crypto::PrivateKey::generate(crypto::KeyType::ed25519);
    EXPECT_TRUE(parse_dpop_proof(signed_by(ed25519, header_of(ed25519, "dpop+jwt", "Ed25519"), payload))) << "RFC 9864";
    EXPECT_FALSE(parse_dpop_proof(signed_by(key, header_of(key, "dpop+jwt", "Ed25519"), payload))) << "of another kind of key";
    const auto rsa = crypto::PrivateKey::generate_rsa();
    EXPECT_TRUE(parse_dpop_proof(signed_by(rsa, header_of(rsa), payload)));

    auto with_secret = header_of(key);
    with_secret.insert(with_secret.size() - 2, R"(,"d":"AAAA")");
    const std::string claims[] = {R"({"htm":"POST","htu":"https://x/t","iat":1})",
                                  R"({"jti":"1","htu":"https://x/t","iat":1})",
                                  R"({"jti":"1","htm":"POST","iat":1})",
                                  R"({"jti":"1","htm":"POST","htu":"https://x/t"})",
                                  R"({"jti":")" + std::string(501, 'j') + R"(","htm":"POST","htu":"https://x/t","iat":1})",
                                  "[]"};
    for (const auto& bad : claims) EXPECT_EQ(parse_dpop_proof(signed_by(key, header_of(key), bad)).error().id, kInvalidDpopProof) << bad;
    const std::pair<const char*, std::string> rows[] = {
        {"garbage", "abc"},
        {"nothing", ""},
        {"another typ", signed_by(key, header_of(key, "JWT"), payload)},
        {"no key", signed_by(key, R"({"typ":"dpop+jwt","alg":"ES256"})", payload)},
        {"the private key", signed_by(key, with_secret, payload)},
        {"another's signature", signed_by(other, header_of(key), payload)},
        {"no signature",
         base64_encode(R"({"typ":"dpop+jwt","alg":"none","jwk":{}})", Base64::url) + "." + base64_encode(payload, Base64::url) + "."},
        {"a shared secret", signed_by(key, R"({"typ":"dpop+jwt","alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}})", payload)},
        {"too long", std::string(9000, 'a')},
    };
    for (const auto& [name, text] : rows) EXPECT_EQ(parse_dpop_proof(text).error().id, kInvalidDpopProof) << name;
}

TEST(DpopProof, TakesTheExampleOfTheSpecification) {
    // RFC 9449 section 4.1; the thumbprint is that of section 6.1.
    const auto proof = parse_dpop_proof(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscE"
        "JoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19"
        ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia"
        "WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg");
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(proof->jkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    EXPECT_EQ(proof->htu, "https://server.example.com/token");
    EXPECT_EQ(proof->iat, 1562262616);
}

TEST(DpopProof, NamesAnAddressInAnySpelling) {
    struct Row {
        std::string_view htu, url;
        bool same;
    };
    for (const auto& [htu, url, same] : {Row{"https://a.example/t", "https://a.example/t", true},
                                         {"HTTPS://A.Example/t", "https://a.example/t", true},
                                         {"https://a.example:443/t", "https://a.example/t", true},
                                         {"https://a.example/t?x=1#y", "https://a.example/t", true},
                                         {"http://a.example:80/", "http://a.example", true},
                                         {"http://a.example/t", "https://a.example/t", false},
                                         {"https://a.example:444/t", "https://a.example/t", false},
                                         {"https://a.example/T", "https://a.example/t", false},
                                         {"https://u@a.example/t", "https://a.example/t", false},
                                         {"/t", "/t", false},
                                         {"", "", false}})
        EXPECT_EQ(names_url(htu, url), same) << htu;
}

class DpopTest : public ProviderTest {
protected:
    struct Claims {
        std::string htm = "POST", htu = kTokenUrl, ath = {}, nonce = {}, jti = {};
        std::int64_t shift = 0;  ///< of iat, in seconds
    };
    std::string proof(const crypto::PrivateKey& by, const Claims& claims) {
        JsonObject out;
        out.set("jti", claims.jti.empty() ? "jti-" + std::to_string(++serial_) : claims.jti);
        out.set("htm", claims.htm);
        out.set("htu", claims.htu);
        out.set("iat", clock().now().seconds() + claims.shift);
        out.set_if("ath", claims.ath);
        out.set_if("nonce", claims.nonce);
        return signed_by(by, header_of(by), out.text());
    }
    std::string proof(const crypto::PrivateKey& by) { return proof(by, Claims{}); }
    http::Response post_with(const std::string& path, const Form& form, const std::vector<std::string>& proofs,
                             const App* basic = nullptr) {
        http::Request request;
        request.method = "POST";
        request.path = path;
        request.body = build_query(form);
        request.headers.set("content-type", "application/x-www-form-urlencoded");
        if (basic) request.headers.set("authorization", "Basic " + base64_encode(basic->client_id + ":" + basic->secret));
        for (const auto& one : proofs) request.headers.add("dpop", one);
        return send(std::move(request));
    }
    Form code_form(const App& app, Form more = {}) {
        Form form = {{"grant_type", "authorization_code"},
                     {"code", parameter(answer(app, sign_in(ann.id), std::move(more)), "code")},
                     {"redirect_uri", kCallback},
                     {"code_verifier", kVerifier}};
        if (app.secret.empty()) form.emplace_back("client_id", app.client_id);
        return form;
    }
    http::Response redeem(const App& app, const std::vector<std::string>& proofs, Form more = {}) {
        return post_with("/oauth/v2/token", code_form(app, std::move(more)), proofs, app.secret.empty() ? nullptr : &app);
    }
    http::Response renew(const App& app, const std::string& token, const std::vector<std::string>& proofs) {
        Form form = {{"grant_type", "refresh_token"}, {"refresh_token", token}};
        if (app.secret.empty()) form.emplace_back("client_id", app.client_id);
        return post_with("/oauth/v2/token", form, proofs, app.secret.empty() ? nullptr : &app);
    }
    http::Response ask(const std::string& token, const std::string& scheme, const std::string& proof_text) {
        http::Request request;
        request.method = "GET";
        request.path = "/oidc/v1/userinfo";
        request.headers.set("authorization", scheme + " " + token);
        if (!proof_text.empty()) request.headers.set("dpop", proof_text);
        return send(std::move(request));
    }
    /// A token for the API, bound if there is a proof.
    http::Response ask_for_api(Provider& of, const App& robot, const std::string& proof_text) {
        http::Request request;
        request.method = "POST";
        request.path = "/oauth/v2/token";
        request.host = "localhost";
        request.body =
            build_query(Form{{"grant_type", "client_credentials"}, {"scope", "openid urn:zitadel:iam:org:project:id:zitadel:aud"}});
        request.headers.set("content-type", "application/x-www-form-urlencoded");
        request.headers.set("authorization", "Basic " + base64_encode(robot.client_id + ":" + robot.secret));
        if (!proof_text.empty()) request.headers.set("dpop", proof_text);
        return of.route(request)->handle(request);
    }
    App make_robot() {
        const auto machine = make_machine("robot", user::TokenKind::opaque);
        const auto secret = machines.generate_secret(user::Ref::of(home, machine.id), {});
        return {secret->client_id, std::string(secret->secret.reveal())};
    }
    static std::string ath(const std::string& token) { return base64_encode(crypto::sha256(token), Base64::url); }
    Claims about(const std::string& token) { return {.htm = "GET", .htu = kUserinfoUrl, .ath = ath(token)}; }
    static std::string error_of(const http::Response& response) { return member(body_of(response), "error"); }

    const crypto::PrivateKey key = crypto::PrivateKey::generate(crypto::KeyType::p256),
                             thief = crypto::PrivateKey::generate(crypto::KeyType::p256);

private:
    int serial_ = 0;
};
GODWIT_ON_BOTH_ENGINES(DpopTest);

TEST_P(DpopTest, ABoundTokenIsGoodWithItsKeyAlone) {
    for (const auto& app : {web, native}) {  // a JWT, an opaque token
        const auto response = redeem(app, {proof(key)});
        EXPECT_EQ(member(body_of(response), "token_type"), "DPoP");
        EXPECT_NE(response.headers.get("dpop-nonce"), "");
        const auto tokens = tokens_of(response);
        EXPECT_EQ(ask(tokens.access, "DPoP", proof(key, about(tokens.access))).status, 200);

        const auto used = proof(key, about(tokens.access));
        EXPECT_EQ(ask(tokens.access, "DPoP", used).status, 200);
        auto elsewhere = about(tokens.access), posted = about(tokens.access), other_token = about("another"),
             without = about(tokens.access);
        elsewhere.htu = kTokenUrl;
        posted.htm = "POST";
        without.ath.clear();
        struct Row {
            const char* name;
            std::string scheme, proof, error;
        };
        for (const auto& row : {Row{"as a bearer token", "Bearer", "", "invalid_token"},
                                {"as a bearer token with a proof", "Bearer", proof(key, about(tokens.access)), "invalid_token"},
                                {"without a proof", "DPoP", "", "invalid_dpop_proof"},
                                {"another's proof", "DPoP", proof(thief, about(tokens.access)), "invalid_token"},
                                {"a proof used before", "DPoP", used, "invalid_dpop_proof"},
                                {"of another address", "DPoP", proof(key, elsewhere), "invalid_dpop_proof"},
                                {"of another method", "DPoP", proof(key, posted), "invalid_dpop_proof"},
                                {"about another token", "DPoP", proof(key, other_token), "invalid_dpop_proof"},
                                {"about no token", "DPoP", proof(key, without), "invalid_dpop_proof"}}) {
            const auto refused = ask(tokens.access, row.scheme, row.proof);
            EXPECT_EQ(refused.status, 401) << row.name;
            EXPECT_TRUE(refused.headers.get("www-authenticate").starts_with(row.scheme + " error=\"" + row.error + "\""))
                << row.name << ": " << refused.headers.get("www-authenticate");
        }
        const auto told = body_of(post("/oauth/v2/introspect", {{"token", tokens.access}}, &web));
        EXPECT_EQ(member(told, "token_type"), "DPoP");
        EXPECT_NE(told.find(R"("cnf":{"jkt":")" + key.public_key().thumbprint() + "\"}"), std::string::npos) << told;
    }
    const auto plain = sign_in_to(native);
    EXPECT_EQ(ask(plain.access, "DPoP", proof(key, about(plain.access))).status, 401) << "a bearer token has no key";
}

TEST_P(DpopTest, TheTokenEndpointTakesOneFreshProof) {
    const auto once = proof(key);
    Claims old, early, elsewhere, made_up;
    old.shift = -61;
    early.shift = 11;
    elsewhere.htu = kUserinfoUrl;
    made_up.nonce = "mine";
    EXPECT_EQ(redeem(web, {once}).status, 200);
    struct Row {
        const char* name;
        std::vector<std::string> proofs;
        std::string error;
    };
    for (const auto& row : {Row{"again", {once}, "invalid_dpop_proof"},
                            {"two", {proof(key), proof(key)}, "invalid_dpop_proof"},
                            {"old", {proof(key, old)}, "invalid_dpop_proof"},
                            {"from the future", {proof(key, early)}, "invalid_dpop_proof"},
                            {"elsewhere", {proof(key, elsewhere)}, "invalid_dpop_proof"},
                            {"foreign nonce", {proof(key, made_up)}, "use_dpop_nonce"},
                            {"garbage", {"x"}, "invalid_dpop_proof"}}) {
        const auto response = redeem(web, row.proofs);
        EXPECT_EQ(response.status, 400) << row.name;
        EXPECT_EQ(error_of(response), row.error) << row.name;
        EXPECT_NE(response.headers.get("dpop-nonce"), "") << row.name;
    }
    Claims with_nonce;
    with_nonce.nonce = redeem(web, {proof(key)}).headers.get("dpop-nonce");
    with_nonce.shift = -3600;
    EXPECT_EQ(redeem(web, {proof(key, with_nonce)}).status, 200) << "with our nonce the client's clock does not matter";
    clock().advance(kDpopNonceTime);
    EXPECT_EQ(error_of(redeem(web, {proof(key, with_nonce)})), "use_dpop_nonce") << "for a while";
    clock().advance(std::chrono::hours(1));
    EXPECT_GT(purge_expired(store(), home).value_or(-1), 0);
    EXPECT_EQ(redeem(web, {}).headers.get("dpop-nonce"), "");
}

TEST_P(DpopTest, ARefreshTokenOfAPublicClientIsBoundToTheKey) {
    const auto tokens = tokens_of(redeem(native, {proof(key)}));
    EXPECT_EQ(error_of(renew(native, tokens.refresh, {})), "invalid_grant");
    EXPECT_EQ(error_of(renew(native, tokens.refresh, {proof(thief)})), "invalid_grant");
    const auto renewed = renew(native, tokens.refresh, {proof(key)});
    EXPECT_EQ(member(body_of(renewed), "token_type"), "DPoP");
    const auto access = tokens_of(renewed).access;
    EXPECT_EQ(ask(access, "DPoP", proof(key, about(access))).status, 200);

    // A client that proves itself may change its key (section 5).
    const auto of_web = tokens_of(redeem(web, {proof(key)}));
    const auto changed = tokens_of(renew(web, of_web.refresh, {proof(thief)}));
    EXPECT_EQ(ask(changed.access, "DPoP", proof(thief, about(changed.access))).status, 200);
    EXPECT_EQ(ask(changed.access, "DPoP", proof(key, about(changed.access))).status, 401);
}

TEST_P(DpopTest, ACodeIsBoundToTheKeyThatWasNamed) {
    const Form named = {{"dpop_jkt", key.public_key().thumbprint()}};
    EXPECT_EQ(error_of(redeem(native, {}, named)), "invalid_grant");
    EXPECT_EQ(error_of(redeem(native, {proof(thief)}, named)), "invalid_grant");
    EXPECT_EQ(redeem(native, {proof(key)}, named).status, 200);

    Claims at_par;
    at_par.htu = "http://localhost:8080/oauth/v2/par";
    EXPECT_EQ(error_of(post_with("/oauth/v2/par", asking(native, {{"dpop_jkt", std::string(43, 'A')}}), {proof(key, at_par)})),
              "invalid_request");
    const auto pushed = post_with("/oauth/v2/par", asking(native), {proof(key, at_par)});
    ASSERT_EQ(pushed.status, 201) << body_of(pushed);
    const auto answered = get("/oauth/v2/authorize",
                              build_query(Form{{"client_id", native.client_id}, {"request_uri", member(body_of(pushed), "request_uri")}}));
    const auto id = parameter(answered.headers.get("location"), "authRequest");
    EXPECT_EQ(provider.auth_requests().get(home, id)->request.dpop_jkt, key.public_key().thumbprint());
}

TEST_P(DpopTest, ABoundTokenIsNoWayToABearerToken) {
    const auto changer = make_app("changer", application::OidcAuthMethod::basic, application::AppType::web, application::TokenType::bearer,
                                  [](auto& config) { config.grant_types.push_back(application::GrantType::token_exchange); });
    const auto tokens = tokens_of(redeem(changer, {proof(key)}));
    const Form form = {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                       {"subject_token", tokens.access},
                       {"subject_token_type", "urn:ietf:params:oauth:token-type:access_token"}};
    EXPECT_EQ(error_of(post_with("/oauth/v2/token", form, {}, &changer)), "invalid_request");
    EXPECT_EQ(error_of(post_with("/oauth/v2/token", form, {proof(thief)}, &changer)), "invalid_request");
    const auto exchanged = post_with("/oauth/v2/token", form, {proof(key)}, &changer);
    EXPECT_EQ(member(body_of(exchanged), "token_type"), "DPoP") << body_of(exchanged);
    const auto robot = make_robot();
    const auto own = post_with("/oauth/v2/token", {{"grant_type", "client_credentials"}, {"scope", "openid"}}, {proof(key)}, &robot);
    const auto access = tokens_of(own).access;
    EXPECT_EQ(userinfo(access).status, 401);
    EXPECT_EQ(ask(access, "DPoP", proof(key, about(access))).status, 200);
}

/// A call of the API with `token` and what proves its key.
http::Request call_of_api(const std::string& proof_text) {
    http::Request request;
    request.method = "GET";
    request.path = "/management/v1/orgs/me";
    request.query = "x=1";
    request.host = "localhost";
    if (!proof_text.empty()) request.headers.set("dpop", proof_text);
    return request;
}

TEST_P(DpopTest, TheApiTakesABoundTokenWithItsKeyAlone) {
    ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
        return instances.set_console(db, home, {}, projects.find(home, project).value()->key, AppId(1));
    }));
    const auto robot = make_robot();
    const auto token = tokens_of(ask_for_api(provider, robot, proof(key))).access;
    const auto plain = tokens_of(ask_for_api(provider, robot, "")).access;
    const std::string url = "http://localhost:8080/management/v1/orgs/me";
    const auto about_call = [&](const std::string& of) { return Claims{.htm = "GET", .htu = url, .ath = ath(of)}; };
    using http::TokenScheme;
    struct Row {
        const char* name;
        std::string token;
        TokenScheme scheme;
        std::string proof, error;
    };
    auto posted = about_call(token), elsewhere = about_call(token);
    posted.htm = "POST";
    elsewhere.htu = kUserinfoUrl;
    const auto used = proof(key, about_call(token));
    for (const auto& row : {Row{"with its key", token, TokenScheme::dpop, used, ""},
                            {"used before", token, TokenScheme::dpop, used, "invalid_dpop_proof"},
                            {"without a proof", token, TokenScheme::dpop, "", "invalid_dpop_proof"},
                            {"of another method", token, TokenScheme::dpop, proof(key, posted), "invalid_dpop_proof"},
                            {"of another address", token, TokenScheme::dpop, proof(key, elsewhere), "invalid_dpop_proof"},
                            {"about another token", token, TokenScheme::dpop, proof(key, about_call(plain)), "invalid_dpop_proof"},
                            {"another's key", token, TokenScheme::dpop, proof(thief, about_call(token)), "invalid_token"},
                            {"as a bearer token", token, TokenScheme::bearer, "", "AUTH-7fs1e"},
                            {"as a bearer token with a proof", token, TokenScheme::bearer, proof(key, about_call(token)), "AUTH-7fs1e"},
                            {"bound to nothing", plain, TokenScheme::dpop, proof(key, about_call(plain)), "invalid_token"},
                            {"bound to nothing, as a bearer token", plain, TokenScheme::bearer, "", ""},
                            {"no token", "x", TokenScheme::dpop, proof(key, about_call("x")), "invalid_token"}}) {
        const auto request = call_of_api(row.proof);
        const auto live = provider.access_tokens().open_for_api(home, {row.token, row.scheme}, &request);
        EXPECT_EQ(live ? "" : live.error().id, row.error) << row.name;
        EXPECT_TRUE(live || live.error().code == Code::unauthenticated) << row.name;
    }
    EXPECT_TRUE(provider.access_tokens().open_for_api(home, {token, TokenScheme::dpop}, nullptr)) << "its proof was looked at before";
    EXPECT_FALSE(provider.access_tokens().open_for_api(home, {token, TokenScheme::bearer}, nullptr));
}

TEST_P(DpopTest, ANonceIsAskedForWhereTheConfigurationSaysSo) {
    ASSERT_TRUE(store().write(store::Database::directory, [&](store::Writer& db) {
        return instances.set_console(db, home, {}, projects.find(home, project).value()->key, AppId(1));
    }));
    Provider strict(services({.dpop_nonce_required = true}));
    const auto robot = make_robot();
    const auto refused = ask_for_api(strict, robot, proof(key));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(error_of(refused), "use_dpop_nonce");
    Claims at_token;
    at_token.nonce = refused.headers.get("dpop-nonce");
    const auto token = tokens_of(ask_for_api(strict, robot, proof(key, at_token))).access;

    Claims at_api{.htm = "GET", .htu = "http://localhost:8080/management/v1/orgs/me", .ath = ath(token)};
    auto call = call_of_api(proof(key, at_api));
    const auto serve = [&](http::Request& asked) {
        const auto live = strict.access_tokens().open_for_api(home, {token, http::TokenScheme::dpop}, &asked);
        return http::text_response(live ? 200 : 401, live ? "" : live.error().id);
    };
    const auto told = strict.tell_nonces(call, {.lane = Lane::read, .handle = serve}).handle(call);
    EXPECT_EQ(body_of(told), "use_dpop_nonce");
    at_api.nonce = told.headers.get("dpop-nonce");
    call = call_of_api(proof(key, at_api));
    EXPECT_EQ(serve(call).status, 200);
    call = call_of_api("");
    EXPECT_FALSE(strict.tell_nonces(call, {.lane = Lane::read, .handle = serve}).handle(call).headers.find("dpop-nonce"));
}

}  // namespace
}  // namespace godwit::oidc
