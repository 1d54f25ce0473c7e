// Who has no account yet makes one (Initiating User Registration via OpenID Connect 1.0, prompt=create), where the login policy lets
// people. The e-mail address is the user name; nobody vouches for it.
#include "directory/instance/instances.h"
#include "directory/settings/settings.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/step.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

constexpr std::string_view kFields[] = {"firstName", "lastName", "email"};

/// Whose account it will be: of the organization the application asked for, or of the instance's default one.
Result<OrgId> home_of(const Step& step) {
    if (step.org.named) return step.org.org ? step.org.org->key : OrgId{};
    return TRY(step.services.instances.get(step.scope)).default_org;
}

/// What is wrong with what was typed; "" for nothing.
std::string_view refuse(const Step& step) {
    for (const std::string_view field : kFields)
        if (step.parameter(field).empty()) return "error_register_missing";
    if (step.parameter("password").empty()) return "error_password_missing";
    return step.parameter("password") == step.parameter("passwordConfirmation") ? std::string_view() : "error_mismatch";
}

Result<http::Response> create_account(Step& step, OrgId home) {
    if (const auto wrong = refuse(step); !wrong.empty()) return show_register(step, wrong);
    const OrgScope org(step.scope, home);
    const auto password = step.services.password_check.prepare(org, step.parameter("password"), false);
    if (!password && password.error().code == Code::invalid_argument) return show_register(step, "error_policy");
    if (!password) return std::unexpected(password.error());

    user::NewHuman human;
    human.profile.first_name = step.parameter("firstName");
    human.profile.last_name = step.parameter("lastName");
    human.profile.language = step.language().code();
    human.email = step.parameter("email");
    human.email_code = user::NewHuman::CodeFor::user;
    human.password = *password;
    user::NewUser wanted;
    wanted.name = human.email;
    wanted.as = std::move(human);
    const auto made = step.services.users.create(org, wanted, step.editor());
    if (!made && made.error().code == Code::already_exists) return show_register(step, "error_register_taken");
    if (!made && made.error().code == Code::invalid_argument) return show_register(step, "error_register_invalid");
    if (!made) return std::unexpected(made.error());
    return ask_second_factor(step, TRY(step.services.users.get(step.ref(made->id))), {});
}

}  // namespace

Result<bool> may_register(const Step& step) {
    const OrgId home = TRY(home_of(step));
    if (!home) return false;
    const auto policy = TRY(step.services.settings.get<settings::v1::LoginPolicy>(OrgScope(step.scope, home))).value;
    return policy.allow_register() && policy.allow_username_password();
}

http::Response show_register(Step& step, std::string_view error_key) {
    const auto home = home_of(step);
    if (!home) return step.show_error(home.error());
    if (const auto looks = step.appear_as(*home); !looks) return step.show_error(looks.error());
    auto rules = password_rules(step, *home);
    if (!rules) return step.show_error(rules.error());
    View view;
    view.values = {{"lead", std::string(step.text("registration_user_text.description"))},
                   {"action", step.base + "/register"},
                   {"back", step.address("login", {{"other", "1"}})}};
    for (const std::string_view field : kFields) view.values[std::string(field)] = step.parameter(field);
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.lists["rules"] = *std::move(rules);
    view.hidden = step.hidden();
    return step.show(error_key.empty() ? 200 : 400, "register", "registration_user_text.title", view);
}

http::Response post_register(Step& step) {
    // Only who was sent to an application's door may enter by it.
    if (!step.csrf_ok() || !step.auth_request) return step.show_error(400, "error_csrf");
    const auto allowed = may_register(step);
    if (!allowed) return step.show_error(allowed.error());
    if (!*allowed) return step.show_error(403, "error_register_closed");
    const auto home = home_of(step);
    if (!home) return step.show_error(home.error());
    auto response = create_account(step, *home);
    return response ? *std::move(response) : step.show_error(response.error());
}

}  // namespace godwit::login
