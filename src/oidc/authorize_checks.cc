#include "oidc/authorize_checks.h"

#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "oidc/acr.h"
#include "oidc/oauth_error.h"
#include "oidc/pkce.h"

namespace godwit::oidc {
namespace {

constexpr std::size_t kMaxStoredBytes = 8 << 10;  // of a whole request: it costs whoever sends it nothing
constexpr std::size_t kMaxHintBytes = 1000;
constexpr std::size_t kMaxEchoedBytes = 4 << 10;  // state and nonce, which only the client can read

/// RFC 6749 section 3.1: "Request and response parameters MUST NOT be included more than once."
Result<void> parameters_come_once(AuthorizeContext& context) {
    if (const auto name = context.parameters.repeated(); !name.empty())
        return oauth_fail(kInvalidRequest, "the parameter " + std::string(name) + " is there more than once");
    return {};
}

Result<void> client_is_known(AuthorizeContext& context) {
    const auto id = context.parameters.get("client_id");
    if (id.empty()) return oauth_fail(kInvalidRequest, "auth request is missing client_id");
    context.client = TRY(context.find_client(id));
    if (!context.client || context.client->type == AppType::api) return oauth_fail(kInvalidRequest, "Errors.App.NotFound");
    context.request.client_id = context.client->client_id;
    return {};
}

/// OpenID Connect Core section 6.1, RFC 9101: signed by a client that registered keys. Before its signature is checked nothing in it
/// counts, so that nobody is sent anywhere.
Result<void> request_object_is_signed(AuthorizeContext& context) {
    const bool registered = context.request_objects && context.client->auth_method == ClientAuthMethod::private_key_jwt;
    if (!registered || !context.parameters.has("request")) return {};
    context.parameters = TRY(context.open_object(*context.client, context.parameters));
    context.object_opened = true;
    return {};
}

/// OpenID Connect Core 3.1.2.1: redirect_uri is REQUIRED, and matched exactly.
Result<void> redirect_uri_is_registered(AuthorizeContext& context) {
    const auto uri = context.parameters.get("redirect_uri");
    constexpr std::string_view kAsk = " If you have any questions, you may contact the administrator of the application.";
    const auto refuse = [&](std::string_view why) { return oauth_fail(kInvalidRequest, std::string(why) + std::string(kAsk)); };
    if (uri.empty()) return refuse("The redirect_uri is missing in the request. Please ensure it is added to the request.");
    switch (check_redirect_uri(context.client->redirect_policy(), context.client->redirect_uris, uri)) {
        case RedirectVerdict::allowed:
            break;
        case RedirectVerdict::malformed:
        case RedirectVerdict::not_registered:
            return refuse("The requested redirect_uri is missing in the client configuration.");
        case RedirectVerdict::http_not_allowed:
            return refuse("This client's redirect_uri is http and is not allowed.");
        case RedirectVerdict::custom_scheme:
            return refuse("This client's redirect_uri is using a custom schema and is not allowed.");
    }
    context.request.redirect_uri = uri;
    context.request.state = context.parameters.get("state");
    context.may_redirect = true;
    return {};
}

/// OAuth 2.0 Multiple Response Types section 5: tokens go into the fragment unless they are posted, and so do errors in their place.
Result<void> response_mode_is_supported(AuthorizeContext& context) {
    const auto mode = context.parameters.get("response_mode");
    const auto parts = ResponseParts::parse(context.parameters.get("response_type"));
    const bool in_front = parts && parts->in_front();
    auto& chosen = context.request.response_mode;
    chosen = in_front ? ResponseMode::fragment : ResponseMode::query;
    if (mode.empty()) return {};
    const auto asked = parse_response_mode(mode);
    if (to_string(asked) != mode) return oauth_fail(kInvalidRequest, "response_mode " + std::string(mode) + " is not supported");
    if (in_front && asked == ResponseMode::query)
        return oauth_fail(kInvalidRequest, "response_mode query is not for tokens: they would stay in histories and logs");
    chosen = asked;
    return {};
}

/// What the application's configuration lists, and what of it may come together.
bool is_registered(const Client& client, const ResponseParts& parts) {
    if (parts.code && !(client.allows(ResponseType::code) && client.allows(GrantType::authorization_code))) return false;
    if (parts.in_front() && !client.allows(GrantType::implicit)) return false;
    if (parts.token) return client.allows(ResponseType::id_token_token);
    return !parts.id_token || client.allows(ResponseType::id_token);
}

Result<void> response_type_is_registered(AuthorizeContext& context) {
    constexpr std::string_view kAsk = " If you have any questions, you may contact the administrator of the application.";
    const auto type = context.parameters.get("response_type");
    if (type.empty()) return oauth_fail(kInvalidRequest, "The response type is missing in your request." + std::string(kAsk));
    const auto parts = ResponseParts::parse(type);
    if (parts && is_registered(*context.client, *parts)) {
        context.request.response = *parts;
        return {};
    }
    return oauth_fail(kUnauthorizedClient, "The requested response type is missing in the client configuration." + std::string(kAsk));
}

/// OpenID Connect Core section 6: what is not supported is answered so. Pushed requests were taken before the checks.
Result<void> request_object_is_registered(AuthorizeContext& context) {
    if (!context.object_opened && context.parameters.has("request"))
        return oauth_fail(kRequestNotSupported, context.request_objects
                                                    ? "request objects are for clients that authenticate with private_key_jwt"
                                                    : "request objects are not supported");
    if (context.parameters.has("request_uri")) return oauth_fail(kRequestUriNotSupported, "request_uri is not supported");
    return {};
}

Result<void> scope_is_there(AuthorizeContext& context) {
    context.request.scopes = parse_scopes(context.parameters.get("scope"));
    if (context.request.scopes.empty())
        return oauth_fail(kInvalidRequest,
                          "The scope of your request is missing. Please ensure some scopes are requested. If you have any questions, you "
                          "may contact the administrator of the application.");
    // OpenID Connect Core section 11: a client that cannot use refresh tokens gets none, and no error.
    if (!context.client->allows(GrantType::refresh_token)) std::erase(context.request.scopes, scope::kOfflineAccess);
    return {};
}

Result<void> idp_is_usable(AuthorizeContext& context) { return context.check_idp(context.request.scopes); }

/// OpenID Connect Core 3.2.2.1, 3.2.2.10, 3.3.2.11: an id_token that passes through the browser is bound to the request by its nonce.
Result<void> id_token_is_bound(AuthorizeContext& context) {
    if (!context.request.response.in_front()) return {};
    if (!has_scope(context.request.scopes, scope::kOpenid))
        return oauth_fail(kInvalidScope, "response_type " + context.request.response.text() + " needs the scope openid");
    if (context.request.response.id_token && context.parameters.get("nonce").empty())
        return oauth_fail(kInvalidRequest, "a nonce is required where the id_token comes from the authorization endpoint");
    return {};
}

/// RFC 7636 and RFC 9700 section 2.1.1: public clients must use it, and only S256 unless the configuration says otherwise.
Result<void> pkce_is_right(AuthorizeContext& context) {
    if (!context.request.response.code) return {};
    const auto challenge = context.parameters.get("code_challenge");
    const auto method = context.parameters.get("code_challenge_method");
    if (challenge.empty()) {
        if (!method.empty()) return oauth_fail(kInvalidRequest, "code_challenge missing");
        if (context.client->is_public()) return oauth_fail(kInvalidRequest, "code_challenge required: public clients must use PKCE");
        return {};
    }
    // Without a method RFC 7636 section 4.3 means "plain".
    context.request.plain_pkce = context.plain_pkce && (method.empty() || method == "plain");
    if (!context.request.plain_pkce && method != "S256") return oauth_fail(kInvalidRequest, "code_challenge_method must be S256");
    if (context.request.plain_pkce && !pkce::is_verifier(challenge))
        return oauth_fail(kInvalidRequest, "code_challenge must be 43 to 128 unreserved characters");
    if (!context.request.plain_pkce && !pkce::is_challenge(challenge))
        return oauth_fail(kInvalidRequest, "code_challenge must be 43 characters of base64url");
    context.request.code_challenge = challenge;
    return {};
}

/// OpenID Connect Core 3.1.2.1: "If this parameter contains none with any other value, an error is returned."
Result<void> prompt_is_known(AuthorizeContext& context) {
    for (const auto word : split_words(context.parameters.get("prompt"))) {
        const auto prompt = parse_prompt(word);
        if (!prompt) return oauth_fail(kInvalidRequest, "prompt " + std::string(word) + " is not supported");
        if (!context.request.wants(*prompt)) context.request.prompts.push_back(*prompt);
    }
    if (context.request.wants(Prompt::none) && context.request.prompts.size() > 1)
        return oauth_fail(kInvalidRequest, "The prompt parameter `none` must only be used as a single value");
    return {};
}

Result<void> max_age_is_a_number(AuthorizeContext& context) {
    const auto text = context.parameters.get("max_age");
    if (text.empty()) return {};
    const auto seconds = parse_number<std::int64_t>(text);
    if (!seconds || *seconds < 0) return oauth_fail(kInvalidRequest, "max_age must be a number of seconds");
    context.request.max_age = std::chrono::seconds(std::min<std::int64_t>(*seconds, 100LL * 365 * 86400));
    return {};
}

Result<void> hints_are_read(AuthorizeContext& context) {
    auto& request = context.request;
    request.nonce = context.parameters.get("nonce");
    request.login_hint = context.parameters.get("login_hint").substr(0, kMaxHintBytes);
    for (const auto word : split_words(context.parameters.get("ui_locales"))) request.ui_locales.emplace_back(word);
    for (const auto word : split_words(context.parameters.get("acr_values"))) request.acr_values.emplace_back(word);
    return {};
}

/// OpenID Connect Core section 5.5. acr_values are a wish for the claim `acr` that nobody insists on (3.1.2.1).
Result<void> claims_are_read(AuthorizeContext& context) {
    auto& request = context.request;
    if (const auto text = context.parameters.get("claims"); !text.empty()) {
        auto claims = ClaimsRequest::parse(text);
        if (!claims) return oauth_fail(kInvalidRequest, claims.error().message);
        request.claims = *std::move(claims);
    }
    if (!request.acr_values.empty() && !request.claims.in_id_token("acr")) {
        ClaimRequest wish{.name = "acr", .essential = false, .values = {}};
        for (const auto& value : request.acr_values) wish.values.push_back(json_string(value));
        request.claims.id_token.push_back(std::move(wish));
    }
    // 5.5.1.1: what cannot be met is a failed sign-in; nobody needs to type a password to learn that.
    if (!can_meet_acr(request.claims)) return oauth_fail(kUnmetAuthenticationRequirements, "no sign-in here has the acr that is essential");
    return {};
}

/// RFC 9449 section 10.
Result<void> dpop_jkt_is_a_thumbprint(AuthorizeContext& context) {
    const auto jkt = context.parameters.get("dpop_jkt");
    // A SHA-256 in base64url, like a challenge.
    if (!jkt.empty() && !pkce::is_challenge(jkt)) return oauth_fail(kInvalidRequest, "dpop_jkt must be a thumbprint of 43 characters");
    context.request.dpop_jkt = jkt;
    return {};
}

Result<void> id_token_hint_is_ours(AuthorizeContext& context) {
    const auto hint = context.parameters.get("id_token_hint");
    if (hint.empty()) return {};
    const auto subject = context.subject_of_hint(hint);
    if (!subject) {
        if (subject.error().code != Code::invalid_argument) return std::unexpected(subject.error());
        return oauth_fail(kLoginRequired,
                          "The id_token_hint is invalid. If you have any questions, you may contact the administrator of "
                          "the application.");
    }
    context.request.hint_user = *subject;
    return {};
}

/// They are kept until the sign-in and sent back; asking costs nobody anything.
Result<void> state_and_nonce_are_short(AuthorizeContext& context) {
    if (context.request.state.size() + context.request.nonce.size() > kMaxEchoedBytes)
        return oauth_fail(kInvalidRequest, "state and nonce may have 4096 bytes together");
    return {};
}

Result<void> request_is_small(AuthorizeContext& context) {
    if (context.request.encode().size() > kMaxStoredBytes) return oauth_fail(kInvalidRequest, "the authorization request is too long");
    return {};
}

using Tell = AuthorizeCheck::Tell;
constexpr std::array kChecks = {
    AuthorizeCheck{"parameters_come_once", Tell::page, parameters_come_once},
    AuthorizeCheck{"client_is_known", Tell::page, client_is_known},
    AuthorizeCheck{"request_object_is_signed", Tell::page, request_object_is_signed},
    AuthorizeCheck{"redirect_uri_is_registered", Tell::page, redirect_uri_is_registered},
    // From here on the client may be told by redirect.
    AuthorizeCheck{"response_mode_is_supported", Tell::redirect, response_mode_is_supported},
    AuthorizeCheck{"request_object_is_registered", Tell::redirect, request_object_is_registered},
    AuthorizeCheck{"response_type_is_registered", Tell::page, response_type_is_registered},
    AuthorizeCheck{"scope_is_there", Tell::page, scope_is_there},
    AuthorizeCheck{"idp_is_usable", Tell::redirect, idp_is_usable},
    AuthorizeCheck{"id_token_is_bound", Tell::redirect, id_token_is_bound},
    AuthorizeCheck{"pkce_is_right", Tell::redirect, pkce_is_right},
    AuthorizeCheck{"prompt_is_known", Tell::redirect, prompt_is_known},
    AuthorizeCheck{"max_age_is_a_number", Tell::redirect, max_age_is_a_number},
    AuthorizeCheck{"hints_are_read", Tell::redirect, hints_are_read},
    AuthorizeCheck{"claims_are_read", Tell::redirect, claims_are_read},
    AuthorizeCheck{"dpop_jkt_is_a_thumbprint", Tell::redirect, dpop_jkt_is_a_thumbprint},
    AuthorizeCheck{"state_and_nonce_are_short", Tell::page, state_and_nonce_are_short},
    AuthorizeCheck{"id_token_hint_is_ours", Tell::redirect, id_token_hint_is_ours},
    AuthorizeCheck{"request_is_small", Tell::page, request_is_small},
};

}  // namespace

std::span<const AuthorizeCheck> authorize_checks() { return kChecks; }

std::optional<AuthorizeFailure> run_authorize_checks(AuthorizeContext& context) {
    for (const auto& check : kChecks) {
        auto passed = check.run(context);
        if (!passed) return AuthorizeFailure{std::move(passed).error(), check.name, check.tell == Tell::redirect && context.may_redirect};
    }
    return std::nullopt;
}

}  // namespace godwit::oidc
