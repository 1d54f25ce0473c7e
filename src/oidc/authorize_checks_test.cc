#include "oidc/authorize_checks.h"

#include <gtest/gtest.h>

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
                             .client = {},
                             .request = {}};
    auto failure = run_authorize_checks(context);
    return {context.request, failure};
}

constexpr std::string_view kWeb = "client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
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
    EXPECT_EQ(authorize_checks().size(), 15u);
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
