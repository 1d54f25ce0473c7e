// The end of a sign-in.
#include "directory/session/agents.h"
#include "directory/user/users.h"
#include "login/browser.h"
#include "login/step.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

/// The browser's agent row, made when it has none. What the cookie was before somebody signed in, it is not after (session fixation).
Result<std::int64_t> agent_of(Step& step) {
    const auto known = TRY(find_agent(step.services.sessions, step.scope, step.browser));
    const auto agent =
        known ? TRY(session::renew_agent(step.services.store, step.scope, *known)) : TRY(step.services.sessions.create_agent(step.scope));
    step.browser.set_agent_cookie(agent.cookie);
    return agent.id;
}

/// nullopt: only the second factor was proved now, and the session it belongs to has ended meanwhile.
Result<std::optional<SessionId>> open_session(Step& step, const user::User& user, Proved proved) {
    const std::int64_t agent = TRY(agent_of(step));
    session::Update update;
    update.user = user.id;
    update.org = user.org;
    update.password = proved.password;
    update.totp = proved.totp;
    for (const session::Session& session : TRY(step.services.sessions.of_agent(step.scope, agent)))
        if (session.user == user.id) return TRY(step.services.sessions.update(step.scope, session.id, update, step.editor(user.id))).id;
    if (!proved.password) return std::nullopt;
    session::UserAgent described;
    described.ip = step.request.client_address;
    described.description = step.request.headers.get("user-agent").substr(0, 250);
    return TRY(step.services.sessions.create(step.scope, update, described, agent, step.editor(user.id))).id;
}

}  // namespace

http::Response complete(Step& step, const user::User& user, Proved proved) {
    const auto session = open_session(step, user, proved);
    if (!session) return step.show_error(session.error());
    if (!*session) return step.show_error(400, "error_csrf");
    step.services.password_check.signed_in(step.scope, user.id, /*factors=*/true);
    return proceed(step, user, **session);
}

http::Response show_done(Step& step, std::string_view title_key, std::string_view message_key) {
    View view;
    view.values = {{"heading", std::string(step.text(title_key))}, {"message", std::string(step.text(message_key))}};
    return step.show(200, "done", title_key, view);
}

http::Response get_signed_in(Step& step) {
    if (const auto looks = step.appear_as_signed_in(); !looks) return step.show_error(looks.error());
    return show_done(step, "success_login_text.title", "success_login_text.redirected_description");
}

}  // namespace godwit::login
