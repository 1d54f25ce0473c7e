// A new password where one is due: the last thing before a session begins.
#include "directory/settings/settings.h"
#include "directory/user/passwords.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/proof.h"
#include "login/step.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

/// The contract's text is only the beginning of a line that ends with the number; ours has a place for it.
std::string length_rule(const Language& language, std::uint64_t min_length) {
    constexpr std::string_view kKey = "password_text.min_length", kPlace = "{min}";
    const std::string min = std::to_string(min_length);
    if (language[kKey].find(kPlace) == std::string_view::npos) return std::string(language[kKey]) + " " + min;
    return language.with(kKey, {{"min", min}});
}

/// Empty, or the text that says what is wrong with the new password.
Result<std::string_view> refuse(Step& step, const user::User& user, std::string_view password) {
    if (password.empty()) return "error_password_missing";
    if (password != step.parameter("newPasswordConfirmation")) return "error_mismatch";
    if (TRY(step.services.password_check.is_current(step.ref(user.id), password))) return "error_same_password";
    return std::string_view();
}

}  // namespace

Result<std::vector<std::map<std::string, std::string>>> password_rules(const Step& step, OrgId org) {
    const auto policy = TRY(step.services.settings.get<settings::v1::PasswordComplexityPolicy>(OrgScope(step.scope, org))).value;
    std::vector<std::map<std::string, std::string>> out;
    out.push_back({{"text", length_rule(step.language(), policy.min_length())}});
    if (policy.has_lowercase()) out.push_back({{"text", std::string(step.text("password_text.has_lowercase"))}});
    if (policy.has_uppercase()) out.push_back({{"text", std::string(step.text("password_text.has_uppercase"))}});
    if (policy.has_number()) out.push_back({{"text", std::string(step.text("password_text.has_number"))}});
    if (policy.has_symbol()) out.push_back({{"text", std::string(step.text("password_text.has_symbol"))}});
    return out;
}

http::Response show_change(Step& step, const user::User& user, Proved proved, std::string_view error_key) {
    auto rules = password_rules(step, user.org);
    if (!rules) return step.show_error(rules.error());
    View view;
    view.values = {{"lead", std::string(step.text("password_change_text.description"))},
                   {"action", step.base + "/change"},
                   {"login_name", user.preferred_login_name},
                   {"initial", initial_of(user.preferred_login_name)}};
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.lists["rules"] = *std::move(rules);
    view.hidden = step.hidden();
    if (const auto added = add_proof(step, user, proved, view.hidden); !added) return step.show_error(added.error());
    return step.show(error_key.empty() ? 200 : 400, "change_password", "password_change_text.title", view);
}

http::Response post_change(Step& step) {
    if (!step.csrf_ok()) return step.show_error(400, "error_csrf");
    const auto who = read_proof(step);
    if (!who) return step.show_error(who.error());
    if (!*who) return step.show_error(400, "error_csrf");
    const auto& [user, stored, proved] = **who;
    // A proof of the password alone does not get round a code that is asked for.
    const auto missing = missing_factor(step, user, proved);
    if (!missing) return step.show_error(missing.error());
    if (*missing != Missing::nothing) return step.show_error(400, "error_csrf");
    if (const auto looks = step.appear_as(user.org); !looks) return step.show_error(looks.error());

    const std::string_view password = step.parameter("newPassword");
    const auto refused = refuse(step, user, password);
    if (!refused) return step.show_error(refused.error());
    if (!refused->empty()) return show_change(step, user, proved, *refused);
    const auto prepared = step.services.password_check.prepare(OrgScope(step.scope, user.org), password, false);
    if (!prepared) {
        if (prepared.error().code == Code::invalid_argument) return show_change(step, user, proved, "error_policy");
        return step.show_error(prepared.error());
    }
    const auto changed = step.services.passwords.change_own(step.ref(user.id), stored.encoded, *prepared, step.editor(user.id));
    if (!changed) return step.show_error(changed.error());
    return complete(step, user, proved);
}

}  // namespace godwit::login
