#include "api/session/sessions.h"

#include "api/encode/encode.h"
#include "api/session/messages.h"
#include "directory/instance/instances.h"
#include "directory/user/users.h"
#include "signin/password_check.h"
#include "signin/totp_check.h"
#include "zitadel/session/v2/session_service.pb.h"

namespace godwit::api {
namespace {

namespace v2 = zitadel::session::v2;
using rpc::Call;

constexpr std::string_view kService = "Session-API";

using On = rpc::TargetCheck::On;
const rpc::TargetCheck kMayRead{.permission = "session.read", .on = On::user, .self = true};
const rpc::TargetCheck kMayList{.permission = "session.read", .on = On::listed, .self = true};
const rpc::TargetCheck kMayWrite{.permission = "session.write", .on = On::user, .self = true};
const rpc::TargetCheck kMayEnd{.permission = "session.delete", .on = On::user, .self = true};
/// A session may be begun with any user of one's own organization; whose is another's learns nothing of it, not even that it is there.
const rpc::TargetCheck kMayBegin{.permission = "session.write", .on = On::user, .self = true, .own_org = true};

/// The calls of one service, with what they need.
class SessionCalls {
public:
    SessionCalls(session::Sessions& sessions, user::Users& users, signin::PasswordCheck& passwords, signin::TotpCheck& totp,
                 const instance::Instances& instances, rpc::Permissions& permissions)
        : sessions_(sessions), users_(users), passwords_(passwords), totp_(totp), instances_(instances), permissions_(permissions) {}

    Result<void> create(const Call& call, const v2::CreateSessionRequest& request, v2::CreateSessionResponse& response);
    Result<void> set(const Call& call, const v2::SetSessionRequest& request, v2::SetSessionResponse& response);
    Result<void> get(const Call& call, const v2::GetSessionRequest& request, v2::GetSessionResponse& response);
    Result<void> list(const Call& call, const v2::ListSessionsRequest& request, v2::ListSessionsResponse& response);
    Result<void> remove(const Call& call, const v2::DeleteSessionRequest& request, v2::DeleteSessionResponse& response);

private:
    Result<void> check(const Call& call, const v2::Checks& checks, UserId session_user, session::Update& update);
    Result<user::User> check_user(const Call& call, const v2::CheckUser& wanted);
    void note_sign_in(const Call& call, UserId user, const session::Update& proved, bool password_before);
    /// The token, or the session's own user or maker, or the permission on the user's organization.
    Result<void> may(const Call& call, const session::Session& session, std::string_view token, const rpc::TargetCheck& check);
    Result<directory::Change> of_instance(const Call& call, directory::Change change) {
        change.resource_owner = TRY(instances_.get(call.instance)).id;
        return change;
    }

    session::Sessions& sessions_;
    user::Users& users_;
    signin::PasswordCheck& passwords_;
    signin::TotpCheck& totp_;
    const instance::Instances& instances_;
    rpc::Permissions& permissions_;
};

Result<user::User> SessionCalls::check_user(const Call& call, const v2::CheckUser& wanted) {
    auto found = wanted.has_login_name() ? TRY(users_.find_by_login_name(call.instance, wanted.login_name()))
                                         : TRY(users_.find(user::Ref::named(call.instance, wanted.user_id())));
    if (found) {
        const auto allowed = rpc::allow_target(permissions_, call, kMayBegin, found->id, found->org);
        if (!allowed && allowed.error().code != Code::permission_denied) return std::unexpected(allowed.error());
        if (!allowed) found.reset();
    }
    if (!found) return fail(Code::not_found, "QUERY-Dfbg2", "User could not be found");
    if (found->state != user::State::active && found->state != user::State::initial)
        return fail(Code::failed_precondition, "SESSION-Gj4ko", "Errors.User.NotActive");
    return *std::move(found);
}

Result<void> SessionCalls::check(const Call& call, const v2::Checks& checks, UserId session_user, session::Update& update) {
    UserId who = session_user;
    if (checks.has_user()) {
        const user::User user = TRY(check_user(call, checks.user()));
        update.user = who = user.id;
        update.org = user.org;
    }
    if (checks.has_password()) {
        if (!who) return fail(Code::failed_precondition, "COMMAND-Sfw3f", "User ID missing");
        const auto outcome =
            TRY(passwords_.verify(user::Ref::of(call.instance, who), checks.password().password(), editor_of(call, kService)));
        if (outcome.verdict != signin::Verdict::verified) return fail(signin::to_error(outcome));
        update.password = true;
    }
    if (checks.has_totp()) {
        if (!who) return fail(Code::failed_precondition, "COMMAND-Neil7", "User ID missing");
        const auto outcome = TRY(totp_.verify(user::Ref::of(call.instance, who), checks.totp().code(), editor_of(call, kService)));
        if (outcome.verdict != signin::Verdict::verified) return fail(signin::to_code_error(outcome));
        update.totp = true;
    }
    return refuse_other_checks(checks);
}

void SessionCalls::note_sign_in(const Call& call, UserId user, const session::Update& proved, bool password_before) {
    const bool something = proved.password || proved.totp;
    if (something && (proved.password || password_before)) passwords_.signed_in(call.instance, user, proved.totp);
}

Result<void> SessionCalls::may(const Call& call, const session::Session& session, std::string_view token, const rpc::TargetCheck& check) {
    if (!token.empty()) return sessions_.check_token(call.instance, session.id, token);
    if (call.caller.user && call.caller.user == session.creator) return {};
    return rpc::allow_target(permissions_, call, check, session.user, session.org);
}

Result<void> SessionCalls::create(const Call& call, const v2::CreateSessionRequest& request, v2::CreateSessionResponse& response) {
    TRY(refuse_challenges(request.challenges()));
    session::Update update;
    TRY(check(call, request.checks(), UserId{}, update));
    decode(request.metadata(), update);
    if (request.has_lifetime()) update.lifetime = decode(request.lifetime());
    std::optional<session::UserAgent> user_agent;
    if (request.has_user_agent()) user_agent = decode(request.user_agent());
    const auto started = TRY(sessions_.create(call.instance, update, user_agent, /*agent=*/0, editor_of(call, kService)));
    note_sign_in(call, update.user.value_or(UserId{}), update, false);
    encode(TRY(of_instance(call, started.change)), *response.mutable_details());
    response.set_session_id(std::to_string(started.id.key));
    response.set_session_token(std::string(started.token.reveal()));
    return {};
}

Result<void> SessionCalls::set(const Call& call, const v2::SetSessionRequest& request, v2::SetSessionResponse& response) {
    const session::Session session = TRY(sessions_.get(call.instance, request.session_id()));
    TRY(may(call, session, request.session_token(), kMayWrite));
    TRY(sessions_.check_open(session));
    TRY(refuse_challenges(request.challenges()));
    session::Update update;
    TRY(check(call, request.checks(), session.user, update));
    decode(request.metadata(), update);
    if (request.has_lifetime()) update.lifetime = decode(request.lifetime());
    const auto started = TRY(sessions_.update(call.instance, session.id, update, editor_of(call, kService)));
    note_sign_in(call, update.user.value_or(session.user), update, session.factors.password.has_value());
    encode(TRY(of_instance(call, started.change)), *response.mutable_details());
    response.set_session_token(std::string(started.token.reveal()));
    return {};
}

Result<void> SessionCalls::get(const Call& call, const v2::GetSessionRequest& request, v2::GetSessionResponse& response) {
    const session::Shown shown = TRY(sessions_.show(call.instance, request.session_id()));
    TRY(may(call, shown.session, request.session_token(), kMayRead));
    encode(shown, *response.mutable_session());
    return {};
}

Result<void> SessionCalls::list(const Call& call, const v2::ListSessionsRequest& request, v2::ListSessionsResponse& response) {
    // Who may read all of the instance sees all; others those of their organization, or their own.
    std::optional<std::vector<OrgId>> within;
    if (!permissions_.check(call.instance, call.caller, kMayList.permission, OrgId{}, "")) {
        within.emplace();
        if (permissions_.check(call.instance, call.caller, kMayList.permission, call.caller.org, "")) within->push_back(call.caller.org);
    }
    const auto found = TRY(
        sessions_.list(call.instance, decode(request.queries(), call.caller.user_id), within, call.caller.user, decode(request.query())));
    encode_list(found.total, call, *response.mutable_details());
    for (const session::Shown& shown : found.rows) encode(shown, *response.add_sessions());
    return {};
}

Result<void> SessionCalls::remove(const Call& call, const v2::DeleteSessionRequest& request, v2::DeleteSessionResponse& response) {
    const auto session = TRY(sessions_.find(call.instance, request.session_id()));
    if (!session) return fail(Code::not_found, "QUERY-SFeaa", "Session does not exist");
    // The token of an ended session opens nothing; ending it again is harmless all the same.
    TRY(may(call, *session, session->terminated ? std::string_view() : std::string_view(request.session_token()), kMayEnd));
    encode(TRY(of_instance(call, TRY(sessions_.terminate(call.instance, session->id, editor_of(call, kService))))),
           *response.mutable_details());
    return {};
}

}  // namespace

void register_sessions(rpc::Registry& rpc, session::Sessions& sessions, user::Users& users, signin::PasswordCheck& passwords,
                       signin::TotpCheck& totp, const instance::Instances& instances, rpc::Permissions& permissions) {
    const auto calls = std::make_shared<SessionCalls>(sessions, users, passwords, totp, instances, permissions);
    const auto rule = [](const rpc::TargetCheck& check) {
        return rpc::Rule::handler(check,
                                  "the session's token, or its own user or maker, or " + check.permission + " on its user's organization");
    };
    const std::string service = "zitadel.session.v2.SessionService/";
    rpc.on(service + "CreateSession",
           {.lane = Lane::hash,
            .rule = rpc::Rule::handler(kMayBegin, "any caller, with users of its own organization; session.write on that of others")},
           [calls](const Call& call, const v2::CreateSessionRequest& request, v2::CreateSessionResponse& response) {
               return calls->create(call, request, response);
           });
    rpc.on(service + "SetSession", {.lane = Lane::hash, .rule = rule(kMayWrite)},
           [calls](const Call& call, const v2::SetSessionRequest& request, v2::SetSessionResponse& response) {
               return calls->set(call, request, response);
           });
    rpc.on(service + "GetSession", {.lane = Lane::read, .rule = rule(kMayRead)},
           [calls](const Call& call, const v2::GetSessionRequest& request, v2::GetSessionResponse& response) {
               return calls->get(call, request, response);
           });
    rpc.on(service + "ListSessions",
           {.lane = Lane::read,
            .rule = rpc::Rule::handler(kMayList, "what is listed: sessions whose users it may read, its own, and those it made")},
           [calls](const Call& call, const v2::ListSessionsRequest& request, v2::ListSessionsResponse& response) {
               return calls->list(call, request, response);
           });
    rpc.on(service + "DeleteSession", {.lane = Lane::write, .rule = rule(kMayEnd)},
           [calls](const Call& call, const v2::DeleteSessionRequest& request, v2::DeleteSessionResponse& response) {
               return calls->remove(call, request, response);
           });
}

}  // namespace godwit::api
