#include "oidc/authorize_request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/url.h"

namespace godwit::oidc {
namespace {

constexpr std::array<std::pair<Prompt, std::string_view>, 5> kPrompts = {{
    {Prompt::none, "none"},
    {Prompt::login, "login"},
    {Prompt::consent, "consent"},
    {Prompt::select_account, "select_account"},
    {Prompt::create, "create"},
}};

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    for (const auto word : split_words(text)) out.emplace_back(word);
    return out;
}

}  // namespace

std::optional<Prompt> parse_prompt(std::string_view word) {
    for (const auto& [prompt, text] : kPrompts)
        if (text == word) return prompt;
    return std::nullopt;
}

std::string_view to_string(Prompt prompt) { return kPrompts[static_cast<std::size_t>(prompt)].second; }

std::string_view to_string(ResponseMode mode) {
    return mode == ResponseMode::form_post ? "form_post" : mode == ResponseMode::fragment ? "fragment" : "query";
}

ResponseMode parse_response_mode(std::string_view word) {
    return word == "form_post" ? ResponseMode::form_post : word == "fragment" ? ResponseMode::fragment : ResponseMode::query;
}

std::optional<ResponseParts> ResponseParts::parse(std::string_view response_type) {
    ResponseParts out;
    for (const auto word : split_words(response_type)) {
        bool* part = word == "code" ? &out.code : word == "id_token" ? &out.id_token : word == "token" ? &out.token : nullptr;
        if (!part || std::exchange(*part, true)) return std::nullopt;
    }
    return out.code || out.id_token ? std::optional(out) : std::nullopt;
}

std::string ResponseParts::text() const {
    std::vector<std::string> words;
    if (code) words.emplace_back("code");
    if (id_token) words.emplace_back("id_token");
    if (token) words.emplace_back("token");
    return join(words, " ");
}

bool AuthorizeRequest::wants(Prompt prompt) const { return std::ranges::find(prompts, prompt) != prompts.end(); }

bool AuthorizeRequest::admits(std::string_view subject) const {
    return (hint_user.empty() || hint_user == subject) && claims.admits_subject(subject);
}

std::string AuthorizeRequest::encode() const {
    QueryParameters out;
    const auto add = [&](const char* name, std::string value) {
        if (!value.empty()) out.emplace_back(name, std::move(value));
    };
    std::vector<std::string> prompt_words;
    for (const auto prompt : prompts) prompt_words.emplace_back(to_string(prompt));
    add("client_id", client_id);
    add("redirect_uri", redirect_uri);
    add("response_type", response.text());
    add("response_mode", std::string(to_string(response_mode)));
    add("scope", format_scopes(scopes));
    add("state", state);
    add("nonce", nonce);
    add("code_challenge", code_challenge);
    if (plain_pkce) add("code_challenge_method", "plain");
    add("prompt", join(prompt_words, " "));
    if (max_age) add("max_age", std::to_string(max_age->count()));
    add("login_hint", login_hint);
    add("ui_locales", join(ui_locales, " "));
    add("acr_values", join(acr_values, " "));
    add("claims", claims.text());
    add("dpop_jkt", dpop_jkt);
    add("hint_user", hint_user);
    add("login_client", login_client);
    add("issuer", issuer);
    add("response_page", response_page);
    return build_query(out);
}

Result<AuthorizeRequest> AuthorizeRequest::decode(std::string_view text) {
    const auto stored = parse_query(text);
    if (!stored) return fail(Code::internal, "OIDC-Req01", "the stored authorization request cannot be read");
    const auto get = [&](std::string_view name) { return std::string(find_parameter(*stored, name).value_or("")); };
    AuthorizeRequest out;
    out.client_id = get("client_id");
    out.redirect_uri = get("redirect_uri");
    if (const auto response = ResponseParts::parse(get("response_type"))) out.response = *response;  // older rows have none: a code
    out.response_mode = parse_response_mode(get("response_mode"));
    out.scopes = parse_scopes(get("scope"));
    out.state = get("state");
    out.nonce = get("nonce");
    out.code_challenge = get("code_challenge");
    for (const auto& word : words(get("prompt")))
        if (const auto prompt = parse_prompt(word)) out.prompts.push_back(*prompt);
    if (const auto seconds = parse_number<std::int64_t>(get("max_age"))) out.max_age = std::chrono::seconds(*seconds);
    out.login_hint = get("login_hint");
    out.ui_locales = words(get("ui_locales"));
    out.acr_values = words(get("acr_values"));
    if (const auto claims = get("claims"); !claims.empty()) out.claims = TRY(ClaimsRequest::parse(claims));
    out.plain_pkce = get("code_challenge_method") == "plain";
    out.dpop_jkt = get("dpop_jkt");
    out.hint_user = get("hint_user");
    out.login_client = get("login_client");
    out.issuer = get("issuer");
    out.response_page = get("response_page");
    return out;
}

}  // namespace godwit::oidc
