// Before the browser goes back: whether the person agrees, where the application asks that they be asked (prompt=consent). Nothing is
// remembered: who asks for the question gets it answered anew, and nobody else is asked.
#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "directory/app/apps.h"
#include "directory/user/users.h"
#include "login/step.h"
#include "oidc/scope.h"

namespace godwit::login {
namespace {

constexpr std::chrono::minutes kAnswerTime{10};

/// Binds the answer to this browser, request and session.
std::string sign(const Step& step, std::string_view session, std::string_view expires) { return step.sign("consent", {session, expires}); }

/// In words, what a scope gives; what has no words is shown as it is.
std::string in_words(const Step& step, const std::string& scope) {
    constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"openid", "consent_openid"},
        {"profile", "consent_profile"},
        {"email", "consent_email"},
        {"phone", "consent_phone"},
        {"address", "consent_address"},
        {"offline_access", "consent_offline_access"},
        {"urn:zitadel:iam:user:metadata", "consent_metadata"},
    };
    for (const auto& [name, key] : kWords)
        if (scope == name) return std::string(step.text(key));
    if (scope.starts_with("urn:zitadel:iam:org:project")) return std::string(step.text("consent_roles"));
    if (scope.starts_with("urn:zitadel:iam:org") || scope.starts_with("urn:zitadel:iam:user:resourceowner"))
        return std::string(step.text("consent_organization"));
    return scope;
}

http::Response show_consent(Step& step, const user::User& user, SessionId session) {
    const auto& asked = step.auth_request->request;
    const auto app = step.services.apps.find(step.scope, step.auth_request->app);
    const std::string name = app && *app ? (*app)->name : asked.client_id;
    View view;
    view.values = {{"lead", step.language().with("consent_lead", {{"application", name}})},
                   {"action", step.base + "/consent"},
                   {"login_name", user.preferred_login_name},
                   {"initial", initial_of(user.preferred_login_name)},
                   {"other", step.address("accounts")}};
    std::vector<std::string> told;
    for (const auto& scope : asked.scopes) {
        std::string words = in_words(step, scope);
        if (std::ranges::find(told, words) != told.end()) continue;
        view.lists["asked"].push_back({{"text", words}});
        told.push_back(std::move(words));
    }
    view.hidden = step.hidden();
    view.hidden["session"] = std::to_string(session.key);
    view.hidden["expires"] = to_rfc3339(step.services.clock.now() + kAnswerTime);
    view.hidden["proof"] = sign(step, view.hidden["session"], view.hidden["expires"]);
    return step.show(200, "consent", "consent_title", view);
}

http::Response finish(Step& step, SessionId session) {
    const auto location = step.services.auth_requests.finish(step.scope, step.auth_request->id, session);
    if (location) return step.go(*location);
    // Somebody else may have the role that this one lacks.
    if (location.error().code == Code::permission_denied) return show_login_name(step, {}, "error_not_permitted");
    return step.show_error(location.error());
}

}  // namespace

http::Response proceed(Step& step, const user::User& user, SessionId session) {
    if (!step.auth_request) return step.go(step.base + "/signed-in");
    if (step.auth_request->request.wants(oidc::Prompt::consent)) return show_consent(step, user, session);
    return finish(step, session);
}

http::Response post_consent(Step& step) {
    if (!step.csrf_ok() || !step.auth_request) return step.show_error(400, "error_csrf");
    const auto until = parse_rfc3339(step.parameter("expires"));
    const auto session = parse_number<std::int64_t>(step.parameter("session"));
    const bool holds =
        until && *until >= step.services.clock.now() && session &&
        crypto::constant_time_equals(sign(step, step.parameter("session"), step.parameter("expires")), step.parameter("proof"));
    if (!holds) return step.show_error(400, "error_csrf");
    if (step.parameter("do") == "allow") return finish(step, SessionId(*session));
    // RFC 6749 section 4.1.2.1.
    const auto location = step.services.auth_requests.fail(step.scope, step.auth_request->id, "access_denied", "the person did not agree");
    return location ? step.go(*location) : step.show_error(location.error());
}

}  // namespace godwit::login
