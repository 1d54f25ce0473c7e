// The second screen: the password, and what follows once it is right.
#include <algorithm>

#include "directory/settings/settings.h"
#include "directory/user/links.h"
#include "directory/user/passwords.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/step.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

/// What the person reads for a check that failed. Where the policy hides users, all failures read alike.
std::string_view error_key(const Step& step, const user::User* user, signin::Verdict verdict) {
    if (step.hides_users) return "error_wrong";
    switch (verdict) {
        case signin::Verdict::locked:
            return "error_locked";
        case signin::Verdict::not_active:
            return user && user->state == user::State::initial ? "error_initial" : "error_inactive";
        case signin::Verdict::no_password:
            return user && user->state == user::State::initial ? "error_initial" : "error_no_password";
        default:
            return "error_password_wrong";
    }
}

http::Response show_second_factor(Step& step) {
    View view;
    view.values = {{"lead", std::string(step.text("second_factor_lead"))},
                   {"message", std::string(step.text("second_factor_message"))},
                   {"back", step.address("login")}};
    return step.show(403, "second_factor", "second_factor_title", view);
}

Result<bool> password_too_old(const Step& step, const user::StoredPassword& stored) {
    const auto policy = TRY(step.services.settings.get<settings::v1::PasswordAgePolicy>(OrgScope(step.scope, stored.org)));
    const auto days = std::min<std::uint64_t>(policy.value.max_age_days(), 36'500);
    return days > 0 && step.services.clock.now() - stored.changed > std::chrono::days(days);
}

}  // namespace

Result<Missing> missing_factor(const Step& step, const user::User& user, Proved proved) {
    if (proved.totp) return Missing::nothing;
    const auto enrolled = TRY(step.services.links.enrolled(step.scope, user.id));
    if (enrolled.totp) return Missing::totp;
    if (enrolled.second_factor()) return Missing::unavailable;
    const auto policy = TRY(step.services.settings.get<settings::v1::LoginPolicy>(OrgScope(step.scope, user.org)));
    return policy.value.force_mfa() || policy.value.force_mfa_local_only() ? Missing::unavailable : Missing::nothing;
}

Result<http::Response> ask_second_factor(Step& step, const user::User& user, Proved proved) {
    TRY(step.appear_as(user.org));
    switch (TRY(missing_factor(step, user, proved))) {
        case Missing::totp:
            return show_totp(step, user, proved, {});
        case Missing::unavailable:
            return show_second_factor(step);
        case Missing::nothing:
            break;
    }
    const auto stored = TRY(step.services.passwords.find(step.ref(user.id)));
    if (!stored) return step.show_error(410, "error_request_gone");
    return after_factors(step, user, *stored, proved);
}

http::Response after_factors(Step& step, const user::User& user, const user::StoredPassword& stored, Proved proved) {
    const auto too_old = password_too_old(step, stored);
    if (!too_old) return step.show_error(too_old.error());
    if (stored.change_required || *too_old) return show_change(step, user, proved, {});
    return complete(step, user, proved);
}

http::Response show_password(Step& step, std::string_view login_name, std::string_view error_key) {
    View view;
    view.values = {{"lead", std::string(step.text("password_text.description"))},
                   {"action", step.base + "/password"},
                   {"login_name", std::string(login_name)},
                   {"back", step.address("login", {{"other", "1"}})},
                   {"initial", initial_of(login_name)}};
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.hidden = step.hidden();
    view.hidden["loginName"] = login_name;
    return step.show(error_key.empty() ? 200 : 400, "password", "password_text.title", view);
}

http::Response post_password(Step& step) {
    const std::string_view name = step.parameter("loginName");
    const std::string_view password = step.parameter("password");
    if (!step.csrf_ok()) return show_password(step, name, "error_csrf");
    if (password.empty()) return show_password(step, name, "error_password_missing");

    const auto found = step.services.users.find_by_login_name(step.scope, name);
    if (!found && found.error().id != "USER-Ambig") return step.show_error(found.error());
    const user::User* user = found && *found && (*found)->human() ? &**found : nullptr;
    if (user && !step.org.admits(user->org)) user = nullptr;
    if (user && !step.hides_users) {
        if (const auto looks = step.appear_as(user->org); !looks) return step.show_error(looks.error());
    }

    // A name that leads to nobody is checked too, against nothing: it must take as long.
    const user::Ref ref = user ? step.ref(user->id) : user::Ref::named(step.scope, "\x01");
    const auto outcome = step.services.password_check.verify(ref, password, step.editor(user ? user->id : UserId{}));
    if (!outcome) return step.show_error(outcome.error());
    if (!user || outcome->verdict != signin::Verdict::verified) return show_password(step, name, error_key(step, user, outcome->verdict));

    auto response = ask_second_factor(step, *user, {});
    return response ? *std::move(response) : step.show_error(response.error());
}

}  // namespace godwit::login
