// The third screen, for who has a TOTP: the code of the authenticator app.
#include "base/text.h"
#include "directory/user/users.h"
#include "login/proof.h"
#include "login/step.h"
#include "signin/totp_check.h"

namespace godwit::login {

http::Response show_totp(Step& step, const user::User& user, Proved proved, std::string_view error_key) {
    View view;
    view.values = {{"action", step.base + "/totp"},
                   {"login_name", user.preferred_login_name},
                   {"back", step.address("login", {{"other", "1"}})},
                   {"initial", initial_of(user.preferred_login_name)}};
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.hidden = step.hidden();
    if (const auto added = add_proof(step, user, {.password = proved.password}, view.hidden); !added) return step.show_error(added.error());
    return step.show(error_key.empty() ? 200 : 400, "totp", "verify_mfa_otp_text.title", view);
}

http::Response post_totp(Step& step) {
    if (!step.csrf_ok()) return step.show_error(400, "error_csrf");
    const auto who = read_proof(step);
    if (!who) return step.show_error(who.error());
    if (!*who) return step.show_error(400, "error_csrf");
    const auto& [user, stored, proved] = **who;
    if (const auto looks = step.appear_as(user.org); !looks) return step.show_error(looks.error());

    const std::string_view code = trim(step.parameter("code"));
    if (code.empty()) return show_totp(step, user, proved, "error_code_missing");
    const auto outcome = step.services.totp_check.verify(step.ref(user.id), code, step.editor(user.id));
    if (!outcome && outcome.error().id == "USER-Otp08") return step.show_error(429, "error_too_many_codes");
    if (!outcome) return step.show_error(outcome.error());
    switch (outcome->verdict) {
        case signin::Verdict::verified:
            return after_factors(step, user, stored, {.password = proved.password, .totp = true});
        case signin::Verdict::wrong:
            return show_totp(step, user, proved, "error_code_wrong");
        case signin::Verdict::locked:
            return step.show_error(403, "error_locked");
        case signin::Verdict::not_active:
            return step.show_error(403, "error_inactive");
        case signin::Verdict::no_password:  // removed since it was asked for: whether the password is enough is decided anew
            break;
    }
    return step.show_error(400, "error_csrf");
}

}  // namespace godwit::login
