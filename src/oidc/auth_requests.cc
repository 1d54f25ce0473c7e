#include "oidc/auth_requests.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "directory/user/users.h"
#include "oidc/acr.h"
#include "oidc/clients.h"
#include "oidc/device_requests.h"
#include "oidc/form_post.h"
#include "oidc/front_channel.h"
#include "oidc/issuer.h"
#include "oidc/oauth_error.h"
#include "oidc/services.h"
#include "oidc/sign_in_rules.h"
#include "store/store.h"

namespace godwit::oidc {
namespace {

constexpr std::int64_t kAuthorize = 1;  // auth_requests.kind
constexpr std::string_view kPrefix = "V2_";

constexpr std::string_view kSelect =
    "SELECT app_id, body, created_at, expires_at, code_sha256, code_used_at, code_expires_at, version FROM auth_requests WHERE instance_no "
    "= ?1 AND id = ?2 AND kind "
    "= 1";

Result<std::optional<AuthRequest>> read_request(store::Reader& db, InstanceScope scope, std::int64_t key) {
    std::optional<AuthRequest> found;
    std::string body;
    TRY(db.query(scope, kSelect, {key}, [&](const store::Row& row) {
        found.emplace();
        found->key = key;
        found->id = std::string(kPrefix) + std::to_string(key);
        found->app = row.id<AppId>(0);
        body = row.blob(1);
        found->created = row.time(2);
        found->expires = row.time(3);
        found->handled = !row.null(4) || !row.null(5);
        // The row changes when it is answered: with a code, or with an error.
        found->changed = !row.null(6) ? row.time(6) - kCodeTime : !row.null(5) ? row.time(5) : found->created;
        found->version = row.i64(7);
    }));
    if (found) found->request = TRY(AuthorizeRequest::decode(body));
    return found;
}

QueryParameters error_answer(const AuthorizeRequest& request, std::string_view error, std::string_view description) {
    QueryParameters answer = {{"error", std::string(error)}};
    if (!description.empty()) answer.emplace_back("error_description", description);
    answer.emplace_back("state", request.state);
    return answer;
}

auto unknown_request() { return godwit::fail(Code::not_found, "QUERY-Thee9", "Auth Request does not exist"); }
auto handled_already() { return godwit::fail(Code::failed_precondition, "COMMAND-Sx208nt", "Auth Request has already been handled"); }

}  // namespace

std::optional<std::int64_t> parse_request_id(std::string_view id) {
    if (!id.starts_with(kPrefix)) return std::nullopt;
    const auto key = parse_number<std::int64_t>(id.substr(kPrefix.size()));
    return key && *key > 0 && std::to_string(*key) == id.substr(kPrefix.size()) ? key : std::nullopt;
}

bool satisfies(const AuthRequest& request, const session::Session& session, std::string_view session_subject) {
    const auto auth_time = session.factors.auth_time();
    if (!auth_time) return false;
    const auto& asked = request.request;
    if (!asked.admits(session_subject) || !meets_acr(session.factors.amr(), asked.claims)) return false;
    if (asked.wants(Prompt::login) && *auth_time < request.created) return false;
    return !asked.max_age || *auth_time >= request.created - *asked.max_age;
}

Result<std::string> AuthRequests::create(const Issuer& issuer, AppId app, AuthorizeRequest request) {
    request.issuer = issuer.name;
    request.response_page = issuer.url(Endpoint::authorize_response);
    const auto body = request.encode();
    return services_.store.write(store::Database::runtime, [&](store::Writer& db) -> Result<std::string> {
        const auto key = db.new_id();
        TRY(db.exec(
            issuer.scope,
            "INSERT INTO auth_requests (instance_no, id, kind, app_id, body, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            {key, kAuthorize, app, store::Blob{body}, db.now(), db.now() + kSignInTime}));
        return std::string(kPrefix) + std::to_string(key);
    });
}

Result<AuthRequest> AuthRequests::get(InstanceScope scope, std::string_view id) {
    const auto key = parse_request_id(id);
    if (!key) return unknown_request();
    auto found = TRY(services_.store.read(store::Database::runtime, [&](store::Reader& db) { return read_request(db, scope, *key); }));
    if (!found || found->expires <= services_.clock.now()) return unknown_request();
    return *std::move(found);
}

Result<Scopes> AuthRequests::shown_scopes(InstanceScope scope, const AuthRequest& request) const {
    const Clients clients(services_);
    const auto client = TRY(clients.find(scope, request.app));
    return client ? clients.shown_scopes(scope, *client, request.request.scopes) : Result<Scopes>(request.request.scopes);
}

Result<AuthRequest> AuthRequests::get_for_pages(InstanceScope scope, std::string_view id) {
    if (parse_request_id(id)) return get(scope, id);
    auto found = TRY(DeviceRequests(services_).find(scope, id));
    return found ? Result<AuthRequest>(*std::move(found)) : unknown_request();
}

Result<AuthRequests::Answerer> AuthRequests::check_answerer(InstanceScope scope, const AuthRequest& request, SessionId session_id) {
    if (request.handled) return handled_already();
    auto session = TRY(services_.sessions.find_live(scope, session_id));
    if (!session) return godwit::fail(Code::failed_precondition, "COMMAND-Flk38", "Session does not exist");
    if (!session->user || !session->factors.auth_time())
        return godwit::fail(Code::failed_precondition, "OIDC-Ses01", "Nobody has authenticated in this session yet");
    auto user = TRY(services_.users.get(user::Ref::of(scope, session->user)));
    if (!request.request.admits(user.public_id))
        return godwit::fail(Code::failed_precondition, "OIDC-Ses03", "The request is about another person");
    const bool meets = meets_acr(session->factors.amr(), request.request.claims);
    if (meets && !satisfies(request, *session, user.public_id))
        return godwit::fail(Code::failed_precondition, "OIDC-Ses02", "The sign-in is older than the request allows; authenticate again");
    auto client = TRY(Clients(services_).find(scope, request.app));
    if (!client) return godwit::fail(Code::failed_precondition, "OIDC-Ses04", "The application is not active any more");
    TRY(check_may_sign_in(services_, scope, *client, user));
    return Answerer{*std::move(session), std::move(user), *std::move(client), meets};
}

Result<std::string> AuthRequests::finish(InstanceScope scope, std::string_view id, SessionId session_id, SentBy by) {
    const auto request = TRY(by == SentBy::own_pages ? get_for_pages(scope, id) : get(scope, id));
    const auto answerer = TRY(check_answerer(scope, request, session_id));
    if (!answerer.meets_acr)
        return fail(scope, id, kUnmetAuthenticationRequirements, "the sign-in did not reach the acr that is essential", by);
    if (request.is_device())
        return add_query(request.request.redirect_uri + "/allow",
                         QueryParameters{{"authRequest", request.id}, {"session", answerer.session.public_id()}});

    const auto& asked = request.request;
    const auto code = asked.response.code ? crypto::random_token() : std::string();
    if (!TRY(mark_answered(scope, request, answerer, code))) return handled_already();
    QueryParameters answer;
    if (!code.empty()) answer.emplace_back("code", code);
    if (asked.response.in_front()) {
        const SignedIn who{answerer.client, answerer.session, answerer.user, asked};
        for (auto& one : TRY(front_channel_tokens(services_, token_issuer_, issuers_, scope, who, code))) answer.push_back(std::move(one));
    }
    answer.emplace_back("state", asked.state);
    return answer_url(asked, scope, std::move(answer), by);
}

Result<bool> AuthRequests::mark_answered(InstanceScope scope, const AuthRequest& request, const Answerer& answerer, std::string_view code) {
    const auto hash = crypto::sha256(code);
    const auto stored = code.empty() ? std::nullopt : std::optional(store::Blob{hash});
    const auto changed = TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
        const auto until = code.empty() ? std::nullopt : std::optional(db.now() + kCodeTime);
        const auto used = code.empty() ? std::optional(db.now()) : std::nullopt;
        return db.exec(scope,
                       "UPDATE auth_requests SET session_id = ?3, user_id = ?4, code_sha256 = ?5, code_expires_at = ?6, code_used_at = ?7, "
                       "version = version + 1 WHERE instance_no = ?1 AND id = ?2 AND code_sha256 IS NULL AND code_used_at IS NULL",
                       {request.key, answerer.session.id, answerer.user.id, stored, until, used});
    }));
    return changed == 1;
}

Result<std::optional<AuthRequest>> AuthRequests::find_waiting_device(InstanceScope scope, std::string_view typed_code) {
    const auto code = normal_user_code(typed_code);
    return code.empty() ? Result<std::optional<AuthRequest>>(std::nullopt) : DeviceRequests(services_).find_waiting(scope, code);
}

Result<void> AuthRequests::allow_device(InstanceScope scope, std::string_view id, SessionId session_id) {
    DeviceRequests devices(services_);
    const auto request = TRY(devices.find(scope, id));
    if (!request) return unknown_request();
    const auto answerer = TRY(check_answerer(scope, *request, session_id));
    if (!TRY(devices.allow(scope, *request, answerer.session))) return handled_already();
    return {};
}

Result<void> AuthRequests::deny_device(InstanceScope scope, std::string_view id) {
    DeviceRequests devices(services_);
    const auto request = TRY(devices.find(scope, id));
    if (!request) return unknown_request();
    if (request->handled || !TRY(devices.deny(scope, *request))) return handled_already();
    return {};
}

Result<std::string> AuthRequests::fail(InstanceScope scope, std::string_view id, std::string_view error, std::string_view description,
                                       SentBy by) {
    const auto request = TRY(by == SentBy::own_pages ? get_for_pages(scope, id) : get(scope, id));
    if (request.is_device()) {
        TRY(deny_device(scope, id));
        return request.request.redirect_uri + "/done?denied=true";
    }
    const auto changed = TRY(services_.store.write(store::Database::runtime, [&](store::Writer& db) {
        return db.exec(scope,
                       "UPDATE auth_requests SET code_used_at = ?3, version = version + 1 "
                       "WHERE instance_no = ?1 AND id = ?2 AND code_sha256 IS NULL AND code_used_at IS NULL",
                       {request.key, db.now()});
    }));
    if (changed == 0) return handled_already();
    return answer_url(request.request, scope, error_answer(request.request, error, description), by);
}

Result<std::string> AuthRequests::failure_url(const Issuer& issuer, AuthorizeRequest request, std::string_view error,
                                              std::string_view description) const {
    request.issuer = issuer.name;
    request.response_page = issuer.url(Endpoint::authorize_response);
    return answer_url(request, issuer.scope, error_answer(request, error, description), SentBy::own_pages);
}

Result<std::string> AuthRequests::answer_url(const AuthorizeRequest& request, InstanceScope scope, QueryParameters answer,
                                             SentBy by) const {
    // An empty state is what the contract's clients get of the session service; all others get back what they sent.
    if (by == SentBy::own_pages) std::erase_if(answer, [](const auto& one) { return one.second.empty(); });
    // RFC 9207 section 2: which provider this answer comes from.
    if (by == SentBy::own_pages) answer.emplace_back("iss", request.issuer);
    if (request.response_mode == ResponseMode::form_post) return form_post_.url(request.response_page, scope, request.redirect_uri, answer);
    // A registered address has no fragment (redirect_uri.cc).
    if (request.response_mode == ResponseMode::fragment) return request.redirect_uri + "#" + build_query(answer);
    return add_query(request.redirect_uri, answer);
}

Result<std::optional<IssuedCode>> AuthRequests::find_code(store::Reader& db, InstanceScope scope, std::string_view code) const {
    const auto hash = crypto::sha256(code);
    std::optional<IssuedCode> found;
    std::string body;
    TRY(db.query(scope,
                 "SELECT id, app_id, session_id, user_id, body, code_expires_at, code_used_at, family_id FROM auth_requests "
                 "WHERE instance_no = ?1 AND code_sha256 = ?2 AND kind = ?3",
                 {store::Blob{hash}, kAuthorize}, [&](const store::Row& row) {
                     found.emplace();
                     found->request = row.i64(0);
                     found->app = row.id<AppId>(1);
                     found->session = row.id<SessionId>(2);
                     found->user = row.id<UserId>(3);
                     body = row.blob(4);
                     found->expires = row.time(5);
                     found->used = !row.null(6);
                     found->family = row.i64(7);
                 }));
    if (found) found->asked = TRY(AuthorizeRequest::decode(body));
    return found;
}

Result<bool> AuthRequests::take_code(store::Writer& db, InstanceScope scope, const IssuedCode& code, std::int64_t family) const {
    const auto changed = TRY(db.exec(scope,
                                     "UPDATE auth_requests SET code_used_at = ?3, family_id = ?4 "
                                     "WHERE instance_no = ?1 AND id = ?2 AND code_used_at IS NULL",
                                     {code.request, db.now(), family}));
    return changed == 1;
}

Result<std::int64_t> AuthRequests::family_of(store::Reader& db, InstanceScope scope, const IssuedCode& code) const {
    std::int64_t family = 0;
    TRY(db.query(scope, "SELECT family_id FROM auth_requests WHERE instance_no = ?1 AND id = ?2", {code.request},
                 [&](const store::Row& row) { family = row.i64(0); }));
    return family;
}

}  // namespace godwit::oidc
