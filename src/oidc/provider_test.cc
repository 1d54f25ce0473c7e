// Every flow as a client and a browser see it, on both engines.
#include "oidc/provider.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "crypto/jwt.h"
#include "directory/user/metadata.h"
#include "oidc/access_tokens.h"
#include "oidc/json_reader.h"
#include "oidc/provider_test_fixture.h"
#include "oidc/purge.h"
#include "oidc/token_families.h"

namespace godwit::oidc {
namespace {

GODWIT_ON_BOTH_ENGINES(ProviderTest);

TEST_P(ProviderTest, DescribesItselfWithoutTheDatabaseOnceAsked) {
    const auto first = get("/.well-known/openid-configuration");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(member(body_of(first), "issuer"), "http://localhost:8080");
    EXPECT_EQ(member(body_of(first), "token_endpoint"), "http://localhost:8080/oauth/v2/token");
    EXPECT_NE(body_of(first).find(R"("id_token_signing_alg_values_supported":["ES256"])"), std::string::npos);

    http::Request request;
    request.method = "GET";
    request.host = "localhost";
    request.headers.set("origin", "https://spa.example");
    for (const auto* path : {"/.well-known/openid-configuration", "/oauth/v2/keys"}) {
        request.path = path;
        auto route = provider.route(request);
        ASSERT_TRUE(route);
        EXPECT_EQ(route->lane, Lane::in_line) << path;
        const auto response = route->handle(request);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.headers.get("access-control-allow-origin"), "https://spa.example");
    }
    const auto keys = get("/oauth/v2/keys");
    EXPECT_EQ(keys.headers.get("cache-control"), "max-age=300, must-revalidate");
    EXPECT_NE(body_of(keys).find(R"("kty":"EC")"), std::string::npos);
}

TEST_P(ProviderTest, MakesDocumentsAnewBeforeSomebodyHasToWaitForThem) {
    get("/.well-known/openid-configuration");
    http::Request request;
    request.method = "GET";
    request.host = "localhost";
    request.path = "/oauth/v2/keys";
    const auto lane = [&] { return provider.route(request)->lane; };
    for (int asked = 0; asked < 3; ++asked) {
        clock().advance(std::chrono::seconds(9));
        ASSERT_TRUE(provider.renew_documents());
        EXPECT_EQ(lane(), Lane::in_line) << asked;
    }
    clock().advance(std::chrono::seconds(11));
    EXPECT_EQ(lane(), Lane::read) << "nobody made them anew: they may say what has changed since";
    ASSERT_TRUE(provider.renew_documents());
    EXPECT_EQ(lane(), Lane::in_line);

    clock().advance(std::chrono::seconds(61));
    ASSERT_TRUE(provider.renew_documents());
    EXPECT_EQ(lane(), Lane::read) << "nobody asks for them any more";
}

TEST_P(ProviderTest, NewDocumentsSayWhatHasChanged) {
    const std::string before = body_of(get("/oauth/v2/keys"));
    const auto made = signing_keys.publish(home, {}, {.algorithm = crypto::Algorithm::ES256});
    ASSERT_TRUE(made);
    clock().advance(std::chrono::seconds(3));
    EXPECT_EQ(body_of(get("/oauth/v2/keys")), before);
    ASSERT_TRUE(provider.renew_documents());
    EXPECT_NE(body_of(get("/oauth/v2/keys")), before);
}

TEST_P(ProviderTest, LeavesOldDocumentsWhenItIsToStop) {
    const std::string before = body_of(get("/oauth/v2/keys"));
    ASSERT_TRUE(signing_keys.publish(home, {}, {.algorithm = crypto::Algorithm::ES256}));
    ASSERT_TRUE(provider.renew_documents([] { return true; }));
    EXPECT_EQ(body_of(get("/oauth/v2/keys")), before);
}

TEST_P(ProviderTest, RefusesUnknownHostsAndPaths) {
    http::Request request;
    request.method = "GET";
    request.host = "evil.example";
    request.path = "/.well-known/openid-configuration";
    EXPECT_EQ(send(std::move(request)).status, 404);
    EXPECT_EQ(get("/oauth/v2/nope").status, 404);
    http::Request other;
    other.path = "/management/v1/orgs/me";
    EXPECT_FALSE(provider.route(other));
}

TEST_P(ProviderTest, LeadsThroughTheCodeFlow) {
    const auto session = sign_in(ann.id);
    const auto location = authorize(web);
    EXPECT_TRUE(location.starts_with("/ui/v2/login/login?authRequest=V2_")) << location;
    const auto id = parameter(location, "authRequest");
    const auto request = provider.auth_requests().get(home, id);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->request.client_id, web.client_id);
    const auto back = provider.auth_requests().finish(home, id, session);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(back->starts_with(kCallback + "?code="));
    EXPECT_EQ(parameter(*back, "state"), "st");
    EXPECT_EQ(parameter(*back, "iss"), "http://localhost:8080");
    EXPECT_EQ(provider.auth_requests().finish(home, id, session).error().id, "COMMAND-Sx208nt");

    const auto tokens = tokens_of(exchange(web, parameter(*back, "code")));
    const auto claims = read_claims(crypto::parse_unverified_jwt(tokens.id)->payload);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->iss, "http://localhost:8080");
    EXPECT_EQ(claims->sub, "ann-1");
    EXPECT_EQ(claims->nonce, "no");
    EXPECT_EQ(claims->azp, web.client_id);
    EXPECT_TRUE(claims->is_for(web.client_id) && claims->is_for(native.client_id) && claims->is_for(project));
    EXPECT_EQ(claims->sid, std::to_string(session.key));
    EXPECT_EQ(claims->amr, std::vector<std::string>{"pwd"});
    EXPECT_EQ(claims->exp, (clock().now() + std::chrono::hours(12)).seconds());

    const auto info = userinfo(tokens.access);
    EXPECT_EQ(info.status, 200);
    EXPECT_EQ(member(body_of(info), "sub"), "ann-1");
    EXPECT_EQ(member(body_of(info), "email"), "ann@example.com");
    EXPECT_EQ(member(body_of(info), "preferred_username"), "ann");
    EXPECT_EQ(body_of(post("/oidc/v1/userinfo", {{"access_token", tokens.access}})), body_of(info));
    EXPECT_EQ(userinfo(tokens.id).status, 401) << "an id_token is no access token";
    const auto introspected = post("/oauth/v2/introspect", {{"token", tokens.access}}, &web);
    EXPECT_NE(body_of(introspected).find(R"("active":true)"), std::string::npos) << body_of(introspected);
    EXPECT_EQ(userinfo(tokens_of(exchange(native, parameter(answer(native, session), "code"))).access).status, 200);
}

TEST_P(ProviderTest, TellsTheMetadataOfAPersonToWhoAsks) {
    const Form asked = {{"scope", "openid urn:zitadel:iam:user:metadata"}};
    const auto info = [&](const Form& more) {
        return body_of(userinfo(tokens_of(exchange(native, parameter(answer(native, sign_in(ann.id), more), "code"))).access));
    };
    EXPECT_EQ(info(asked).find("metadata"), std::string::npos) << "there are none";
    user::Metadata metadata(store());
    std::vector<directory::MetadataEntry> entries{{"tier", "mv"}, {"photo", std::string("\xfb\xff\x00", 3)}};
    for (int i = 0; i < 1000; ++i) entries.emplace_back("zz" + std::to_string(i), "v");
    ASSERT_TRUE(metadata.set(user::Ref::of(home, ann.id), entries, {}));
    const std::string told = info(asked);
    EXPECT_NE(told.find(R"("urn:zitadel:iam:user:metadata":{"photo":"-_8A","tier":"bXY","zz0":"dg")"), std::string::npos) << told;
    EXPECT_NE(told.find(R"("zz999":"dg")"), std::string::npos) << "more than one page";
    EXPECT_EQ(info({{"scope", "openid"}}).find("metadata"), std::string::npos);
}

TEST_P(ProviderTest, GivesNothingForACodeThatDoesNotFit) {
    const auto code = parameter(answer(web, sign_in(ann.id)), "code");
    struct Row {
        const char* name;
        http::Response response;
        std::string_view error;
    };
    App wrong_secret = web;
    wrong_secret.secret = "nope";
    App unknown{"nope", "nope"};
    const Row rows[] = {
        {"no code", exchange(web, ""), "invalid_request"},
        {"foreign code", exchange(web, "x" + code), "invalid_grant"},
        {"wrong verifier", exchange(web, code, {{"code_verifier", std::string(43, 'x')}}), "invalid_grant"},
        {"no verifier", exchange(web, code, {{"code_verifier", ""}}), "invalid_grant"},
        {"other redirect URI", exchange(web, code, {{"redirect_uri", kCallback + "/x"}}), "invalid_grant"},
        {"other client", exchange(native, code), "invalid_grant"},
        {"wrong secret", exchange(wrong_secret, code), "invalid_client"},
        {"unknown client", exchange(unknown, code), "invalid_client"},
        {"confidential client without proof",
         post("/oauth/v2/token", {{"grant_type", "authorization_code"}, {"code", code}, {"client_id", web.client_id}}), "invalid_client"},
        {"no grant type", post("/oauth/v2/token", {{"code", code}}), "invalid_request"},
        {"password", post("/oauth/v2/token", {{"grant_type", "password"}}), "unsupported_grant_type"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(row.response.status, 400) << row.name;
        EXPECT_EQ(member(body_of(row.response), "error"), row.error) << row.name << ": " << body_of(row.response);
        EXPECT_EQ(row.response.headers.get("cache-control"), "no-store") << row.name;
    }
    EXPECT_EQ(exchange(web, code).status, 200) << "none of them used the code up";
    const auto late = parameter(answer(web, sign_in(ann.id)), "code");
    clock().advance(kCodeTime + std::chrono::seconds(1));
    EXPECT_EQ(member(body_of(exchange(web, late)), "error"), "invalid_grant");
}

TEST_P(ProviderTest, TakesBackWhatACodeGotWhenItIsUsedAgain) {
    const auto code = parameter(answer(web, sign_in(ann.id)), "code");
    const auto tokens = tokens_of(exchange(web, code));
    EXPECT_EQ(userinfo(tokens.access).status, 200);
    EXPECT_EQ(member(body_of(exchange(web, code)), "error"), "invalid_grant");
    EXPECT_EQ(userinfo(tokens.access).status, 401);
    EXPECT_EQ(member(body_of(refresh(web, tokens.refresh)), "error"), "invalid_grant");
}

TEST_P(ProviderTest, GivesOneAnswerToEightThatUseOneCodeAtOnce) {
    const auto code = parameter(answer(web, sign_in(ann.id)), "code");
    std::atomic<int> good = 0, bad = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { ++(exchange(web, code).status == 200 ? good : bad); });
    threads.clear();
    EXPECT_EQ(good, 1);
    EXPECT_EQ(bad, 7);
}

TEST_P(ProviderTest, SignsOutOnlyTowardsRegisteredAddresses) {
    const auto tokens = sign_in_to(web);
    const auto error = [&](const Form& form) {
        return member(body_of(get("/oidc/v1/end_session", build_query(form))), "error_description");
    };
    EXPECT_EQ(error({{"id_token_hint", "abc"}}), "id_token_hint invalid");
    EXPECT_EQ(error({{"id_token_hint", tokens.access}}), "id_token_hint invalid");
    EXPECT_EQ(error({{"id_token_hint", tokens.id}, {"post_logout_redirect_uri", "http://evil/"}}), "post_logout_redirect_uri invalid");
    EXPECT_EQ(error({{"post_logout_redirect_uri", "https://app.example/out"}}), "post_logout_redirect_uri invalid");
    EXPECT_EQ(error({{"id_token_hint", tokens.id}, {"client_id", native.client_id}}), "client_id does not match id_token_hint");
    EXPECT_EQ(get("/oidc/v1/end_session").headers.get("location"), "/ui/v2/login/logout?post_logout_redirect=%2Flogout%2Fdone");
    EXPECT_EQ(userinfo(tokens.access).status, 200);
}

TEST_P(ProviderTest, TokensRestWhileTheirPersonsOrganizationIsInactive) {
    const auto tokens = sign_in_to(web);
    ASSERT_TRUE(orgs.deactivate(*org, {}));
    EXPECT_EQ(userinfo(tokens.access).status, 401);
    EXPECT_EQ(member(body_of(refresh(web, tokens.refresh)), "error"), "invalid_grant");
    ASSERT_TRUE(orgs.reactivate(*org, {}));
    EXPECT_EQ(userinfo(tokens.access).status, 200);
    EXPECT_EQ(refresh(web, tokens.refresh).status, 200);
}

TEST_P(ProviderTest, AnswersPromptNoneHonestly) {
    const auto silent = [&](Form more) {
        more.emplace_back("prompt", "none");
        return authorize(web, more);
    };
    EXPECT_EQ(parameter(silent({}), "error"), "login_required");
    const auto session = sign_in(ann.id);
    browser.sessions = {*sessions.get(home, std::to_string(session.key))};
    EXPECT_NE(parameter(silent({}), "code"), "");
    EXPECT_NE(parameter(silent({{"max_age", "3600"}}), "code"), "");
    clock().advance(std::chrono::seconds(61));
    EXPECT_EQ(parameter(silent({{"max_age", "60"}}), "error"), "login_required");
    const auto other = *orgs.create(home, {}, {.name = "Other", .id = {}});
    const auto within = [&](const std::string& scope) { return silent({{"scope", "openid urn:zitadel:iam:org:" + scope}}); };
    EXPECT_NE(parameter(within("id:" + orgs.get(*org)->id), "code"), "");
    EXPECT_NE(parameter(within("domain:primary:" + orgs.get(*org)->primary_domain), "code"), "");
    for (const auto& elsewhere :
         {"id:" + other.id, "domain:primary:" + other.primary_domain, std::string("id:999"), std::string("domain:primary:nowhere.example")})
        EXPECT_EQ(parameter(within(elsewhere), "error"), "login_required") << elsewhere;
    const auto bob = make_human("bob");
    browser.sessions.push_back(*sessions.get(home, std::to_string(sign_in(bob.id).key)));
    EXPECT_EQ(parameter(silent({}), "error"), "account_selection_required");
    const auto tokens = sign_in_to(web);
    const auto hinted = silent({{"id_token_hint", tokens.id}});
    EXPECT_EQ(read_claims(crypto::parse_unverified_jwt(tokens_of(exchange(web, parameter(hinted, "code"))).id)->payload)->sub, "ann-1");
}

TEST_P(ProviderTest, WantsASignInAsFreshAsAskedFor) {
    const auto old = sign_in(ann.id);
    clock().advance(std::chrono::seconds(10));
    for (const Form& more : {Form{{"prompt", "login"}}, Form{{"max_age", "5"}}}) {
        const auto id = parameter(authorize(web, more), "authRequest");
        EXPECT_EQ(provider.auth_requests().finish(home, id, old).error().id, "OIDC-Ses02");
        EXPECT_TRUE(provider.auth_requests().finish(home, id, sign_in(ann.id)));
    }
    const auto id = parameter(authorize(web), "authRequest");
    EXPECT_EQ(provider.auth_requests().finish(home, id, SessionId(1)).error().id, "COMMAND-Flk38");
    const auto refused = provider.auth_requests().fail(home, id, "access_denied", "no");
    EXPECT_EQ(*refused, kCallback + "?error=access_denied&error_description=no&state=st&iss=http%3A%2F%2Flocalhost%3A8080");
    EXPECT_EQ(provider.auth_requests().get(home, "V2_1").error().id, "QUERY-Thee9");
    EXPECT_EQ(provider.auth_requests().get(home, "V2_1x").error().id, "QUERY-Thee9");
}

TEST_P(ProviderTest, PostsTheAnswerWhenAskedTo) {
    const auto back = answer(web, sign_in(ann.id), {{"response_mode", "form_post"}});
    ASSERT_TRUE(back.starts_with("http://localhost:8080/oauth/v2/authorize/response?answer=")) << back;
    const auto page = get("/oauth/v2/authorize/response", back.substr(back.find('?') + 1));
    EXPECT_EQ(page.status, 200);
    const auto& html = body_of(page);
    EXPECT_NE(html.find("action=\"https://app.example/cb\""), std::string::npos);
    EXPECT_NE(page.headers.get("content-security-policy").find("form-action https://app.example"), std::string::npos);
    const auto at = html.find("name=\"code\" value=\"") + 19;
    EXPECT_EQ(exchange(web, html.substr(at, html.find('"', at) - at)).status, 200);
    EXPECT_EQ(get("/oauth/v2/authorize/response", "answer=abc").status, 400);
    clock().advance(std::chrono::minutes(2));
    EXPECT_EQ(get("/oauth/v2/authorize/response", back.substr(back.find('?') + 1)).status, 400);
}

}  // namespace
}  // namespace godwit::oidc
