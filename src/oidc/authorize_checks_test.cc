#include "oidc/authorize_checks.h"

#include <gtest/gtest.h>

#include "base/url.h"
#include "oidc/oauth_error.h"

namespace godwit::oidc {
namespace {

const std::string kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

Client web() {
    Client client;
    client.client_id = "web";
    client.auth_method = ClientAuthMethod::client_secret_basic;
    client.response_types = {ResponseType::code};
    client.grants = {GrantType::authorization_code, GrantType::refresh_token};
    client.redirect_uris = {"https://app.example/cb"};
    return client;
}

/// What a signature would vouch for.
Result<Parameters> open_object(const Client&, const Parameters& sent) {
    if (sent.get("request") != "good") return oauth_fail(kInvalidRequestObject, "the request object's signature is wrong");
    auto all = sent.all();
    std::erase_if(all, [](const auto& one) { return one.first == "state"; });
    all.emplace_back("state", "signed");
    return Parameters(std::move(all));
}

Result<std::optional<Client>> find(std::string_view id) {
    auto client = web();
    client.client_id = id;
    if (id == "web") return client;
    if (id == "native") {
        client.type = AppType::native;
        client.auth_method = ClientAuthMethod::none;
        client.grants = {GrantType::authorization_code};
        return client;
    }
    if (id == "implicit") {
        client.response_types = {ResponseType::id_token};
        client.grants = {GrantType::implicit};
        return client;
    }
    if (id == "hybrid") {
        client.response_types = {ResponseType::code, ResponseType::id_token, ResponseType::id_token_token};
        client.grants = {GrantType::authorization_code, GrantType::implicit};
        return client;
    }
    if (id == "signer") {
        client.auth_method = ClientAuthMethod::private_key_jwt;
        return client;
    }
    if (id == "api") {
        client.type = AppType::api;
        return client;
    }
    if (id == "broken") return fail(Code::unavailable, "STORE-1", "away");
    return std::nullopt;
}

Result<std::string> subject_of(std::string_view hint) {
    if (hint == "good") return "user-1";
    return fail(Code::invalid_argument, "OIDC-Hint1", "no");
}

Result<void> check_idp(std::span<const std::string> scopes) {
    if (has_scope(scopes, "urn:zitadel:iam:org:idp:id:gone")) return oauth_fail(kInvalidScope, "no");
    return {};
}

struct Outcome {
    AuthorizeRequest request;
    std::optional<AuthorizeFailure> failure;
};

Outcome run(std::string_view query) {
    const auto parameters = Parameters::parse(query);
    EXPECT_TRUE(parameters);
    AuthorizeContext context{.parameters = *parameters,
                             .find_client = find,
                             .subject_of_hint = subject_of,
                             .open_object = open_object,
                             .check_idp = check_idp,
                             .client = {},
                             .request = {}};
    auto failure = run_authorize_checks(context);
    return {context.request, failure};
}

constexpr std::string_view kWeb = "client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
constexpr std::string_view kImplicit = "client_id=implicit&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
constexpr std::string_view kHybrid = "client_id=hybrid&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
constexpr std::string_view kNative = "client_id=native&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";

struct Row {
    const char* name;
    std::string query;
    std::string_view check;  ///< that refuses
    std::string_view error;
    bool redirect;
};

TEST(AuthorizeChecks, RefuseWithTheRightErrorInTheRightWay) {
    const std::string web_ok = std::string(kWeb) + "&response_type=code&scope=openid";
    const std::string native_ok = std::string(kNative) + "&response_type=code&scope=openid";
    const std::string pkce = "&code_challenge_method=S256&code_challenge=" + kChallenge;
    const Row rows[] = {
        {"no such identity provider", web_ok + "%20urn:zitadel:iam:org:idp:id:gone", "idp_is_usable", kInvalidScope, true},
        {"client twice", web_ok + "&client_id=web", "parameters_come_once", kInvalidRequest, false},
        {"state twice", web_ok + "&state=a&state=b", "parameters_come_once", kInvalidRequest, false},
        {"no client", "redirect_uri=https%3A%2F%2Fapp.example%2Fcb&response_type=code&scope=openid", "client_is_known", kInvalidRequest,
         false},
        {"unknown client", "client_id=nope&redirect_uri=https%3A%2F%2Fapp.example%2Fcb", "client_is_known", kInvalidRequest, false},
        {"an API", "client_id=api&redirect_uri=https%3A%2F%2Fapp.example%2Fcb", "client_is_known", kInvalidRequest, false},
        {"no redirect URI", "client_id=web&response_type=code&scope=openid", "redirect_uri_is_registered", kInvalidRequest, false},
        {"foreign redirect URI", "client_id=web&redirect_uri=https%3A%2F%2Fevil.example%2Fcb&response_type=code&scope=openid",
         "redirect_uri_is_registered", kInvalidRequest, false},
        {"response mode", web_ok + "&response_mode=web_message", "response_mode_is_supported", kInvalidRequest, true},
        {"request object", web_ok + "&request=eyJhbGciOiJub25lIn0.e30.", "request_object_is_registered", kRequestNotSupported, true},
        {"request by reference", web_ok + "&request_uri=https%3A%2F%2Fapp.example%2Fr", "request_object_is_registered",
         kRequestUriNotSupported, true},
        {"request object of a foreign signature", "client_id=signer&response_type=code&scope=openid&request=bad",
         "request_object_is_signed", kInvalidRequestObject, false},
        {"no response type", std::string(kWeb) + "&scope=openid", "response_type_is_registered", kInvalidRequest, false},
        {"foolish response type", std::string(kWeb) + "&response_type=foo&scope=openid", "response_type_is_registered", kUnauthorizedClient,
         false},
        {"response type of others", std::string(kWeb) + "&response_type=id_token&scope=openid", "response_type_is_registered",
         kUnauthorizedClient, false},
        {"code for an implicit client", "client_id=implicit&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&response_type=code&scope=openid",
         "response_type_is_registered", kUnauthorizedClient, false},
        {"implicit with an access token", std::string(kImplicit) + "&response_type=id_token+token&scope=openid&nonce=n",
         "response_type_is_registered", kUnauthorizedClient, false},
        {"token alone", std::string(kHybrid) + "&response_type=token&scope=openid&nonce=n", "response_type_is_registered",
         kUnauthorizedClient, false},
        {"a word twice", std::string(kHybrid) + "&response_type=code+code&scope=openid&nonce=n", "response_type_is_registered",
         kUnauthorizedClient, false},
        {"hybrid for others", std::string(kWeb) + "&response_type=code+id_token&scope=openid&nonce=n", "response_type_is_registered",
         kUnauthorizedClient, false},
        {"id_token without nonce", std::string(kImplicit) + "&response_type=id_token&scope=openid", "id_token_is_bound", kInvalidRequest,
         true},
        {"hybrid without nonce", std::string(kHybrid) + "&response_type=code+id_token&scope=openid", "id_token_is_bound", kInvalidRequest,
         true},
        {"id_token without openid", std::string(kImplicit) + "&response_type=id_token&scope=email&nonce=n", "id_token_is_bound",
         kInvalidScope, true},
        {"tokens in the query", std::string(kHybrid) + "&response_type=code+token&scope=openid&response_mode=query",
         "response_mode_is_supported", kInvalidRequest, true},
        {"no scope", std::string(kWeb) + "&response_type=code", "scope_is_there", kInvalidRequest, false},
        {"blank scope", std::string(kWeb) + "&response_type=code&scope=+", "scope_is_there", kInvalidRequest, false},
        {"native without PKCE", native_ok, "pkce_is_right", kInvalidRequest, true},
        {"plain", native_ok + "&code_challenge_method=plain&code_challenge=" + kChallenge, "pkce_is_right", kInvalidRequest, true},
        {"method left out means plain", native_ok + "&code_challenge=" + kChallenge, "pkce_is_right", kInvalidRequest, true},
        {"method without challenge", web_ok + "&code_challenge_method=S256", "pkce_is_right", kInvalidRequest, true},
        {"short challenge", web_ok + "&code_challenge_method=S256&code_challenge=abc", "pkce_is_right", kInvalidRequest, true},
        {"none and login", web_ok + pkce + "&prompt=none+login", "prompt_is_known", kInvalidRequest, true},
        {"unknown prompt", web_ok + "&prompt=coffee", "prompt_is_known", kInvalidRequest, true},
        {"max_age is no number", web_ok + "&max_age=old", "max_age_is_a_number", kInvalidRequest, true},
        {"max_age below zero", web_ok + "&max_age=-1", "max_age_is_a_number", kInvalidRequest, true},
        {"claims that are no JSON", web_ok + "&claims=%7B", "claims_are_read", kInvalidRequest, true},
        {"claims that are a list", web_ok + "&claims=%5B%5D", "claims_are_read", kInvalidRequest, true},
        {"claims of a wrong shape", web_ok + "&claims=%7B%22id_token%22%3A%7B%22acr%22%3A1%7D%7D", "claims_are_read", kInvalidRequest,
         true},
        {"essential acr that nobody has",
         web_ok + "&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%22gold%22%7D%7D%7D",
         "claims_are_read", kUnmetAuthenticationRequirements, true},
        {"dpop_jkt", web_ok + "&dpop_jkt=abc", "dpop_jkt_is_a_thumbprint", kInvalidRequest, true},
        {"foreign hint", web_ok + "&id_token_hint=bad", "id_token_hint_is_ours", kLoginRequired, true},
        {"state too long", web_ok + "&state=" + std::string(4097, 's'), "state_and_nonce_are_short", kInvalidRequest, false},
        {"nonce too long", web_ok + "&nonce=" + std::string(4097, 'n'), "state_and_nonce_are_short", kInvalidRequest, false},
        {"too long together", web_ok + "&state=" + std::string(2049, 's') + "&nonce=" + std::string(2048, 'n'), "state_and_nonce_are_short",
         kInvalidRequest, false},
        {"too long", web_ok + "+" + std::string(9000, 's'), "request_is_small", kInvalidRequest, false},
    };
    for (const auto& row : rows) {
        const auto outcome = run(row.query);
        ASSERT_TRUE(outcome.failure) << row.name;
        EXPECT_EQ(outcome.failure->check, row.check) << row.name;
        EXPECT_EQ(outcome.failure->error.id, row.error) << row.name;
        EXPECT_EQ(outcome.failure->redirect, row.redirect) << row.name;
    }
}

TEST(AuthorizeChecks, EachIsInTheTableOfRefusals) {
    // A check without a row above would be a check nobody has seen refusing. hints_are_read cannot refuse.
    EXPECT_EQ(authorize_checks().size(), 19u);
}

TEST(AuthorizeChecks, FillTheRequest) {
    const auto outcome = run(std::string(kNative) +
                             "&response_type=code&scope=openid+email+offline_access&state=s%20t&nonce=n&prompt=login+login&max_age=60"
                             "&login_hint=ann%40example.com&ui_locales=de+en&id_token_hint=good&response_mode=form_post&unknown=1"
                             "&code_challenge_method=S256&code_challenge=" +
                             kChallenge);
    ASSERT_FALSE(outcome.failure) << outcome.failure->check;
    const auto& request = outcome.request;
    EXPECT_EQ(request.redirect_uri, "https://app.example/cb");
    EXPECT_EQ(request.state, "s t");
    EXPECT_EQ(request.nonce, "n");
    EXPECT_EQ(request.prompts, std::vector{Prompt::login});
    EXPECT_EQ(request.max_age, std::chrono::seconds(60));
    EXPECT_EQ(request.login_hint, "ann@example.com");
    EXPECT_EQ(request.ui_locales, (std::vector<std::string>{"de", "en"}));
    EXPECT_EQ(request.hint_user, "user-1");
    EXPECT_EQ(request.response_mode, ResponseMode::form_post);
    EXPECT_EQ(request.code_challenge, kChallenge);
    EXPECT_EQ(request.scopes, (Scopes{"openid", "email"})) << "a client without refresh tokens cannot have offline_access";
}

TEST(AuthorizeChecks, ChooseWhereTheAnswerGoes) {
    struct Expected {
        std::string_view type, mode;
        ResponseParts parts;
        ResponseMode goes;
    };
    using enum ResponseMode;
    for (const auto& [type, mode, parts, goes] : {Expected{"code", "", {.code = true}, query},
                                                  {"code", "fragment", {.code = true}, fragment},
                                                  {"id_token", "", {.id_token = true}, fragment},
                                                  {"token+id_token", "", {.id_token = true, .token = true}, fragment},
                                                  {"code+id_token", "", {.code = true, .id_token = true}, fragment},
                                                  {"code+token", "form_post", {.code = true, .token = true}, form_post},
                                                  {"token+code+id_token", "", {.code = true, .id_token = true, .token = true}, fragment}}) {
        const auto outcome = run(std::string(kHybrid) + "&scope=openid&nonce=n&response_type=" + std::string(type) +
                                 (mode.empty() ? "" : "&response_mode=" + std::string(mode)));
        ASSERT_FALSE(outcome.failure) << type << outcome.failure->check;
        EXPECT_EQ(outcome.request.response, parts) << type;
        EXPECT_EQ(outcome.request.response_mode, goes) << type;
        EXPECT_EQ(AuthorizeRequest::decode(outcome.request.encode())->response, parts) << type;
    }
    EXPECT_EQ(run(std::string(kHybrid) + "&scope=openid&response_type=code+id_token").request.response_mode, fragment) << "errors too";
}

TEST(AuthorizeChecks, TakePlainPkceOnlyWhereConfigured) {
    const std::string verifier(43, 'v');
    for (const auto& method : {std::string("&code_challenge_method=plain"), std::string()}) {
        const auto parameters =
            Parameters::parse(std::string(kNative) + "&response_type=code&scope=openid&code_challenge=" + verifier + method);
        for (const bool configured : {false, true}) {
            AuthorizeContext context{.parameters = *parameters,
                                     .find_client = find,
                                     .subject_of_hint = subject_of,
                                     .open_object = open_object,
                                     .check_idp = check_idp,
                                     .plain_pkce = configured,
                                     .client = {},
                                     .request = {}};
            EXPECT_EQ(run_authorize_checks(context).has_value(), !configured) << method;
            EXPECT_EQ(context.request.plain_pkce, configured);
            EXPECT_EQ(AuthorizeRequest::decode(context.request.encode())->plain_pkce, configured);
        }
    }
}

TEST(AuthorizeChecks, ReadClaimsAndAcrValues) {
    const std::string asked =
        R"({"id_token":{"auth_time":{"essential":true},"sub":{"value":"ann-1"}},"userinfo":{"name":null,"email":{"values":["a","b"]},"x":null}})";
    const auto outcome =
        run(std::string(kWeb) + "&response_type=code&scope=openid&acr_values=gold+urn:godwit:acr:2fa&claims=" + percent_encode(asked));
    ASSERT_FALSE(outcome.failure) << outcome.failure->error.message;
    const auto& request = outcome.request;
    EXPECT_TRUE(request.claims.in_id_token("auth_time")->essential);
    EXPECT_EQ(request.claims.in_id_token("acr")->values, (std::vector<std::string>{"\"gold\"", "\"urn:godwit:acr:2fa\""}));
    EXPECT_TRUE(request.admits("ann-1"));
    EXPECT_FALSE(request.admits("bob-1"));
    ASSERT_EQ(request.claims.userinfo.size(), 3u);
    EXPECT_TRUE(request.claims.userinfo[1].accepts("\"b\""));
    EXPECT_FALSE(request.claims.userinfo[1].accepts("\"c\""));
    EXPECT_EQ(AuthorizeRequest::decode(request.encode())->claims.text(), request.claims.text());
}

TEST(AuthorizeChecks, TakeStateAndNonceOf4096BytesTogether) {
    const auto outcome =
        run(std::string(kWeb) + "&response_type=code&scope=openid&state=" + std::string(2048, 's') + "&nonce=" + std::string(2048, 'n'));
    EXPECT_FALSE(outcome.failure);
}

TEST(AuthorizeChecks, TellWhenTheStoreIsAway) {
    const auto outcome = run("client_id=broken");
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(to_oauth(outcome.failure->error).status, 503);
}

TEST(AuthorizeRequest, ComesBackAsItWasStored) {
    AuthorizeRequest request;
    request.client_id = "c&d=e";
    request.redirect_uri = "https://app.example/cb?x=1&y=%20";
    request.response_mode = ResponseMode::form_post;
    request.scopes = {"openid", "urn:zitadel:iam:org:id:1"};
    request.state = "ü \"<>";
    request.prompts = {Prompt::login, Prompt::consent};
    request.max_age = std::chrono::seconds(0);
    request.issuer = "https://id.example";
    const auto back = AuthorizeRequest::decode(request.encode());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->encode(), request.encode());
    EXPECT_EQ(back->state, request.state);
    EXPECT_EQ(back->max_age, std::chrono::seconds(0));
    EXPECT_EQ(back->prompts, request.prompts);
}

}  // namespace
}  // namespace godwit::oidc
