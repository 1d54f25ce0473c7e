// An authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, RFC 7636 section 4.3) once it has passed its
// checks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oidc/claims_request.h"
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

/// What the answer of the authorization endpoint holds (OAuth 2.0 Multiple Response Type Encoding Practices).
struct ResponseParts {
    bool code = false, id_token = false, token = false;

    /// Words of a response_type in any order; nullopt for anything else, and for "token" alone, which is no OpenID Connect.
    static std::optional<ResponseParts> parse(std::string_view response_type);
    std::string text() const;
    /// Tokens pass through the browser.
    bool in_front() const { return id_token || token; }
    friend bool operator==(const ResponseParts&, const ResponseParts&) = default;
};

struct AuthorizeRequest {
    std::string client_id;
    std::string redirect_uri;
    ResponseParts response{.code = true};
    ResponseMode response_mode = ResponseMode::query;
    Scopes scopes;
    std::string state;
    std::string nonce;
    std::string code_challenge;  ///< "" without PKCE
    bool plain_pkce = false;     ///< the challenge is the verifier itself; S256 otherwise
    std::vector<Prompt> prompts;
    std::optional<std::chrono::seconds> max_age;
    std::string login_hint;
    std::vector<std::string> ui_locales;
    std::vector<std::string> acr_values;
    ClaimsRequest claims;      ///< acr_values are in it, as a wish for `acr`
    std::string dpop_jkt;      ///< thumbprint of the key that the code's tokens must be bound to (RFC 9449 section 10); "": of any, or none
    std::string hint_user;     ///< subject of a valid id_token_hint
    std::string login_client;  ///< user that may answer it besides who has the permission (x-zitadel-login-client)
    // Where it arrived, for the answer.
    std::string issuer;
    std::string response_page;  ///< address of the form_post page

    bool wants(Prompt prompt) const;
    /// Whether the request may be answered by that person: id_token_hint and claims may name one.
    bool admits(std::string_view subject) const;
    /// The text that is kept while the person signs in; decode gives the same request back.
    std::string encode() const;
    /// internal when `text` is not what encode writes.
    static Result<AuthorizeRequest> decode(std::string_view text);
};

}  // namespace godwit::oidc
