// The first screen: who are you?
#include "directory/app/apps.h"
#include "directory/user/users.h"
#include "login/accounts.h"
#include "login/step.h"

namespace godwit::login {
namespace {

/// Says where the way leads, unless the organization has words of its own for that.
std::string lead(const Step& step) {
    constexpr std::string_view kPlain = "login_text.description";
    std::string application;
    if (step.auth_request) {
        const auto app = step.services.apps.find(step.scope, step.auth_request->app);
        if (app && *app) application = (*app)->name;
    }
    const bool plain = application.empty() || step.language().is_own(kPlain);
    return step.language().with(plain ? kPlain : "login_name_lead", {{"application", application}});
}

/// What the browser's accounts answer, or the question who is there.
Result<http::Response> first_screen(Step& step) {
    if (!step.parameter("other").empty()) return show_login_name(step, {}, {});
    if (step.auth_request && step.auth_request->request.wants(oidc::Prompt::create) && TRY(may_register(step)))
        return show_register(step, {});
    const auto accounts = TRY(accounts_of(step));
    if (step.auth_request) {
        if (auto answered = TRY(answer_by_accounts(step, accounts))) return *std::move(answered);
    }
    return show_login_name(step, remembered_name(step, accounts), {});
}

}  // namespace

http::Response show_login_name(Step& step, std::string_view login_name, std::string_view error_key) {
    View view;
    view.values = {{"lead", lead(step)}, {"action", step.base + "/login"}, {"login_name", std::string(login_name)}};
    // We have no example to give; an organization may.
    if (constexpr std::string_view kExample = "login_text.login_name_placeholder"; step.language().is_own(kExample))
        view.values["placeholder"] = step.text(kExample);
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.hidden = step.hidden();
    return step.show(error_key.empty() ? 200 : 400, "login_name", "login_text.title", view);
}

http::Response get_login(Step& step) {
    auto response = first_screen(step);
    return response ? *std::move(response) : step.show_error(response.error());
}

http::Response post_login(Step& step) {
    const std::string_view name = step.parameter("loginName");
    if (!step.csrf_ok()) return show_login_name(step, name, "error_csrf");
    if (name.empty()) return show_login_name(step, name, "error_login_name_missing");
    const auto user = step.services.users.find_by_login_name(step.scope, name);
    const bool ambiguous = !user && user.error().id == "USER-Ambig";
    if (!user && !ambiguous) return step.show_error(user.error());
    // Where the policy hides users, a name that nobody has or that several have goes the same way as any other.
    if (ambiguous && !step.hides_users) return show_login_name(step, name, "error_ambiguous");
    const bool usable = user && *user && (*user)->human() && step.org.admits((*user)->org);
    if (!usable && !step.hides_users) return show_login_name(step, name, "error_user_unknown");
    // Where users are hidden the page must not say by its looks whose the name is.
    if (usable && !step.hides_users) {
        if (const auto looks = step.appear_as((*user)->org); !looks) return step.show_error(looks.error());
    }
    return show_password(step, name, {});
}

}  // namespace godwit::login
