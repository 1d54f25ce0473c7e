// A device without a browser (RFC 8628 section 3.3): the person types the code that it shows, signs in as to any application, and then
// says whether the device may. The code stays on the screen until then, so that it can be compared with what the device shows: whoever
// was sent here by a link may be letting in somebody else's device (section 5.4).
#include <algorithm>

#include "directory/app/apps.h"
#include "directory/user/users.h"
#include "login/step.h"
#include "oidc/device_requests.h"
#include "oidc/oauth_error.h"

namespace godwit::login {
namespace {

http::Response show_device(Step& step, std::string_view user_code, std::string_view error_key) {
    View view;
    view.values = {
        {"lead", std::string(step.text("device_lead"))}, {"action", step.base + "/device"}, {"user_code", std::string(user_code)}};
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.hidden = step.hidden();
    return step.show(error_key.empty() ? 200 : 400, "device", "device_title", view);
}

/// The session that the sign-in just led here with; nullopt unless it is one of this browser's own.
Result<std::optional<session::Session>> own_session(const Step& step) {
    CookieSessions cookie(step.services.sessions, step.services.session_age);
    for (auto& session : TRY(cookie.of(step.scope, step.request)))
        if (session.public_id() == step.parameter("session") && session.user) return std::move(session);
    return std::nullopt;
}

Result<http::Response> show_allow(Step& step, const session::Session& session) {
    const auto user = TRY(step.services.users.get(step.ref(session.user)));
    const auto app = TRY(step.services.apps.find(step.scope, step.auth_request->app));
    TRY(step.appear_as(user.org));
    const std::string& name = user.preferred_login_name;
    View view;
    view.values = {{"lead", step.language().with("device_allow_lead", {{"application", app ? app->name : std::string()}})},
                   {"action", step.base + "/device/allow"},
                   {"user_code", step.auth_request->user_code},
                   {"login_name", name},
                   {"initial", initial_of(name)}};
    view.hidden = step.hidden();
    view.hidden["session"] = session.public_id();
    return step.show(200, "device_allow", "device_allow_title", view);
}

Result<http::Response> decide(Step& step, const session::Session& session) {
    auto& requests = step.services.auth_requests;
    const std::string& id = step.auth_request->id;
    if (step.parameter("decision") == "deny") return step.go(TRY(requests.fail(step.scope, id, oidc::kAccessDenied, {})));
    if (step.parameter("decision") != "allow") return show_allow(step, session);
    TRY(requests.allow_device(step.scope, id, session.id));
    return step.go(step.base + "/device/done");
}

using Then = Result<http::Response> (*)(Step&, const session::Session&);

/// `then`, for a device's request and a session of this browser; without the session the person signs in (again).
http::Response with_session(Step& step, Then then) {
    if (!step.auth_request || !step.auth_request->is_device()) return step.show_error(410, "error_request_gone");
    const auto session = own_session(step);
    if (!session) return step.show_error(session.error());
    if (!*session) return step.go(step.address("login"));
    auto response = then(step, **session);
    return response ? *std::move(response) : step.show_error(response.error());
}

}  // namespace

http::Response get_device(Step& step) { return show_device(step, oidc::normal_user_code(step.parameter("user_code")), {}); }

http::Response post_device(Step& step) {
    const std::string_view typed = step.parameter("user_code");
    if (!step.csrf_ok()) return show_device(step, typed, "error_csrf");
    if (typed.empty()) return show_device(step, typed, "error_device_code_missing");
    auto found = step.services.auth_requests.find_waiting_device(step.scope, typed);
    if (!found) return step.show_error(found.error());
    if (!*found) return show_device(step, typed, "error_device_code_wrong");
    step.auth_request = **std::move(found);
    return step.go(step.address("login"));
}

http::Response get_device_allow(Step& step) { return with_session(step, show_allow); }

http::Response post_device_allow(Step& step) {
    if (!step.csrf_ok()) return step.show_error(400, "error_csrf");
    return with_session(step, decide);
}

http::Response get_device_done(Step& step) {
    const bool denied = !step.parameter("denied").empty();
    if (const auto looks = step.appear_as_signed_in(); !looks) return step.show_error(looks.error());
    return denied ? show_done(step, "device_denied_title", "device_denied_message")
                  : show_done(step, "device_allowed_title", "device_allowed_message");
}

}  // namespace godwit::login
