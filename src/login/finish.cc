// The end of a sign-in.
#include "directory/user/users.h"
#include "login/step.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

/// The browser's agent row, made when it has none.
Result<std::int64_t> agent_of(Step& step) {
    if (!step.browser.agent_cookie().empty())
        if (const auto agent = TRY(step.services.sessions.find_agent(step.scope, step.browser.agent_cookie()))) return agent->id;
    const auto agent = TRY(step.services.sessions.create_agent(step.scope));
    step.browser.set_agent_cookie(agent.cookie);
    return agent.id;
}

Result<SessionId> open_session(Step& step, const user::User& user, Proved proved) {
    const std::int64_t agent = TRY(agent_of(step));
    session::Update update;
    update.user = user.id;
    update.org = user.org;
    update.password = true;
    update.totp = proved.totp;
    for (const session::Session& session : TRY(step.services.sessions.of_agent(step.scope, agent)))
        if (session.user == user.id) return TRY(step.services.sessions.update(step.scope, session.id, update, step.editor(user.id))).id;
    session::UserAgent described;
    described.ip = step.request.client_address;
    described.description = step.request.headers.get("user-agent").substr(0, 250);
    return TRY(step.services.sessions.create(step.scope, update, described, agent, step.editor(user.id))).id;
}

}  // namespace

http::Response complete(Step& step, const user::User& user, Proved proved) {
    const auto session = open_session(step, user, proved);
    if (!session) return step.show_error(session.error());
    step.services.password_check.signed_in(step.scope, user.id, /*factors=*/true);
    if (!step.auth_request) return step.go(step.base + "/signed-in");
    const auto location = step.services.auth_requests.finish(step.scope, step.auth_request->id, *session);
    return location ? step.go(*location) : step.show_error(location.error());
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
