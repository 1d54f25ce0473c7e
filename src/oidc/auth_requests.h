// Authorization requests while a person signs in, and the codes that come of them (runtime.auth_requests). One row a request; its
// code lives on it as a hash, is used once, and a second use revokes what the first one got (RFC 6749 section 4.1.2).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "base/url.h"
#include "directory/session/sessions.h"
#include "directory/user/types.h"
#include "oidc/authorize_request.h"
#include "oidc/client.h"

namespace godwit::store {
class Reader;
class Writer;
}  // namespace godwit::store

namespace godwit::oidc {

class FormPost;
class IssuerTable;
class TokenIssuer;
struct Issuer;
struct Services;

/// Who sends the browser back to the application. The `iss` of RFC 9207 is added by our own pages; the session service's CreateCallback
/// answers the address that the contract's clients know, without it, and so the metadata do not promise it.
enum class SentBy { own_pages, session_service };

/// How long a person may take to sign in, and a client to fetch its tokens.
inline constexpr std::chrono::minutes kSignInTime{30};
inline constexpr std::chrono::minutes kCodeTime{5};

struct AuthRequest {
    std::int64_t key = 0;
    std::string id;         ///< as the world sees it: "V2_<key>"; a device's is sealed
    std::string user_code;  ///< of a device's request (device_requests.h); "" for a browser's own
    AppId app;
    AuthorizeRequest request;
    Time created, changed, expires;
    std::int64_t version = 1;
    bool handled = false;  ///< has been finished or refused already

    bool is_device() const { return !user_code.empty(); }
};

/// What a code stands for: an authorization code, or a device code that a person allowed.
struct IssuedCode {
    std::int64_t request = 0;
    AppId app;
    SessionId session;
    UserId user;
    AuthorizeRequest asked;
    Time expires;
    bool used = false;
    std::int64_t family = 0;  ///< what its first use got
};

/// Whether a session may answer a request: signed in recently enough (prompt=login, max_age) and, when an id_token_hint names a
/// person, as that person.
bool satisfies(const AuthRequest& request, const session::Session& session, std::string_view session_subject);

class AuthRequests {
public:
    AuthRequests(const Services& services, const FormPost& form_post, const TokenIssuer& token_issuer, const IssuerTable& issuers)
        : services_(services), form_post_(form_post), token_issuer_(token_issuer), issuers_(issuers) {}

    /// The new request's id. `request` has passed all checks.
    Result<std::string> create(const Issuer& issuer, AppId app, AuthorizeRequest request);

    /// not_found QUERY-Thee9 for unknown and expired ones, and for those of devices.
    Result<AuthRequest> get(InstanceScope scope, std::string_view id);
    /// Those of devices too: whatever our own pages sign a person in for.
    Result<AuthRequest> get_for_pages(InstanceScope scope, std::string_view id);

    /// The request's scopes as the session service shows them: see Clients::shown_scopes.
    Result<Scopes> shown_scopes(InstanceScope scope, const AuthRequest& request) const;

    /// Answers the request with the session's user: the address the browser must go to, with a fresh code, or the tokens that its
    /// response_type asks for. A device gets nothing by this:
    /// the address is that of the page where the person allows it (allow_device). Errors: not_found
    /// QUERY-Thee9; failed_precondition COMMAND-Sx208nt (handled already), COMMAND-Flk38 (no such live session), OIDC-Ses01 (nobody
    /// authenticated in it), OIDC-Ses02 (signed in too long ago for the request), OIDC-Ses03 (another person than the hint's), OIDC-Ses04
    /// (the application is gone); permission_denied of check_may_sign_in.
    Result<std::string> finish(InstanceScope scope, std::string_view id, SessionId session, SentBy by = SentBy::own_pages);

    /// The device's request that waits for the person who typed its code, in whatever spelling.
    Result<std::optional<AuthRequest>> find_waiting_device(InstanceScope scope, std::string_view typed_code);
    /// The device gets what it waits for, as the session's user. Errors as of finish.
    Result<void> allow_device(InstanceScope scope, std::string_view id, SessionId session);

    /// The device is told that the person denied it. Errors: not_found QUERY-Thee9, failed_precondition COMMAND-Sx208nt.
    Result<void> deny_device(InstanceScope scope, std::string_view id);

    /// Answers the request with an OAuth error; the address the browser must go to. A device is told that it was denied.
    Result<std::string> fail(InstanceScope scope, std::string_view id, std::string_view error, std::string_view description,
                             SentBy by = SentBy::own_pages);

    /// The address for an error of a request that never became a row.
    Result<std::string> failure_url(const Issuer& issuer, AuthorizeRequest request, std::string_view error,
                                    std::string_view description) const;

    Result<std::optional<IssuedCode>> find_code(store::Reader& db, InstanceScope scope, std::string_view code) const;
    /// Marks the code as used, and what it got. False when it had been used before.
    Result<bool> take_code(store::Writer& db, InstanceScope scope, const IssuedCode& code, std::int64_t family) const;

    /// What the first use of a code got; 0: nothing.
    Result<std::int64_t> family_of(store::Reader& db, InstanceScope scope, const IssuedCode& code) const;

private:
    /// What must hold before a session answers a request.
    struct Answerer {
        session::Session session;
        user::User user;
        Client client;
        bool meets_acr = true;  ///< false: an essential acr was not reached
    };
    Result<Answerer> check_answerer(InstanceScope scope, const AuthRequest& request, SessionId session);
    /// False when somebody else answered it first. `code` "": the answer holds none.
    Result<bool> mark_answered(InstanceScope scope, const AuthRequest& request, const Answerer& answerer, std::string_view code);
    Result<std::string> answer_url(const AuthorizeRequest& request, InstanceScope scope, QueryParameters answer, SentBy by) const;

    const Services& services_;
    const FormPost& form_post_;
    const TokenIssuer& token_issuer_;
    const IssuerTable& issuers_;
};

/// The row of "V2_<key>"; nullopt for any other text.
std::optional<std::int64_t> parse_request_id(std::string_view id);

}  // namespace godwit::oidc
