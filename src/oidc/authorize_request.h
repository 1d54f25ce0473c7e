// An authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, RFC 7636 section 4.3) once it has passed its
// checks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oidc/client.h"
#include "oidc/scope.h"

namespace godwit::oidc {

enum class Prompt { none, login, consent, select_account, create };
std::optional<Prompt> parse_prompt(std::string_view word);
std::string_view to_string(Prompt prompt);

enum class ResponseMode { query, fragment, form_post };
std::string_view to_string(ResponseMode mode);
/// query for any other word.
ResponseMode parse_response_mode(std::string_view word);

struct AuthorizeRequest {
    std::string client_id;
    std::string redirect_uri;
    ResponseType response_type = ResponseType::code;
    ResponseMode response_mode = ResponseMode::query;
    Scopes scopes;
    std::string state;
    std::string nonce;
    std::string code_challenge;  ///< S256; "" without PKCE
    std::vector<Prompt> prompts;
    std::optional<std::chrono::seconds> max_age;
    std::string login_hint;
    std::vector<std::string> ui_locales;
    std::vector<std::string> acr_values;
    std::string hint_user;  ///< subject of a valid id_token_hint
    // Where it arrived, for the answer.
    std::string issuer;
    std::string response_page;  ///< address of the form_post page

    bool wants(Prompt prompt) const;
    /// The text that is kept while the person signs in; decode gives the same request back.
    std::string encode() const;
    /// internal when `text` is not what encode writes.
    static Result<AuthorizeRequest> decode(std::string_view text);
};

}  // namespace godwit::oidc
