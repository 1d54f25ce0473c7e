// A new password where one is due. Until it is chosen there is no session: the form carries a proof, bound to this browser and
// request and good for ten minutes, that the old password was right.
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "directory/settings/settings.h"
#include "directory/user/passwords.h"
#include "directory/user/users.h"
#include "godwit/settings/v1/settings.pb.h"
#include "login/step.h"
#include "signin/password_check.h"

namespace godwit::login {
namespace {

constexpr std::chrono::minutes kProofLife{10};

std::string proof_of(const Step& step, std::string_view user_id, std::string_view expires, Time changed) {
    // `changed` makes the proof worthless once a new password is stored.
    const std::string what = "change\n" + step.browser.secret() + "\n" + step.request_id() + "\n" + std::string(user_id) + "\n" +
                             std::string(expires) + "\n" + std::to_string(changed.micros);
    return base64_encode(crypto::hmac_sha256(step.key.reveal(), what), Base64::url);
}

/// The contract's text is only the beginning of a line that ends with the number; ours has a place for it.
std::string length_rule(const Language& language, std::uint64_t min_length) {
    constexpr std::string_view kKey = "password_text.min_length", kPlace = "{min}";
    const std::string min = std::to_string(min_length);
    if (language[kKey].find(kPlace) == std::string_view::npos) return std::string(language[kKey]) + " " + min;
    return language.with(kKey, {{"min", min}});
}

std::vector<std::map<std::string, std::string>> rules(const Step& step, const settings::v1::PasswordComplexityPolicy& policy) {
    std::vector<std::map<std::string, std::string>> out;
    out.push_back({{"text", length_rule(step.language(), policy.min_length())}});
    if (policy.has_lowercase()) out.push_back({{"text", std::string(step.text("password_text.has_lowercase"))}});
    if (policy.has_uppercase()) out.push_back({{"text", std::string(step.text("password_text.has_uppercase"))}});
    if (policy.has_number()) out.push_back({{"text", std::string(step.text("password_text.has_number"))}});
    if (policy.has_symbol()) out.push_back({{"text", std::string(step.text("password_text.has_symbol"))}});
    return out;
}

/// The user whose proof the form carries, with the password as stored now; nullopt when the proof does not hold.
Result<std::optional<std::pair<user::User, user::StoredPassword>>> proven(const Step& step) {
    const std::string_view user_id = step.parameter("user"), expires = step.parameter("expires");
    const auto until = parse_rfc3339(expires);
    if (!until || *until < step.services.clock.now()) return std::nullopt;
    const auto user = TRY(step.services.users.find(user::Ref::named(step.scope, std::string(user_id))));
    // Locked or deactivated since the old password was right: the proof is worth nothing any more.
    if (!user || (user->state != user::State::active && user->state != user::State::initial)) return std::nullopt;
    const auto stored = TRY(step.services.passwords.find(step.ref(user->id)));
    if (!stored || !crypto::constant_time_equals(proof_of(step, user_id, expires, stored->changed), step.parameter("proof")))
        return std::nullopt;
    return std::make_pair(*user, *stored);
}

/// Empty, or the text that says what is wrong with the new password.
Result<std::string_view> refuse(Step& step, const user::User& user, std::string_view password) {
    if (password.empty()) return "error_password_missing";
    if (password != step.parameter("newPasswordConfirmation")) return "error_mismatch";
    if (TRY(step.services.password_check.is_current(step.ref(user.id), password))) return "error_same_password";
    return std::string_view();
}

}  // namespace

http::Response show_change(Step& step, const user::User& user, std::string_view error_key) {
    const auto stored = step.services.passwords.find(step.ref(user.id));
    if (!stored || !*stored) return step.show_error(500, "error_internal");
    const auto policy = step.services.settings.get<settings::v1::PasswordComplexityPolicy>(OrgScope(step.scope, user.org));
    if (!policy) return step.show_error(policy.error());
    View view;
    view.values = {{"lead", std::string(step.text("password_change_text.description"))},
                   {"action", step.base + "/change"},
                   {"login_name", user.preferred_login_name},
                   {"initial", initial_of(user.preferred_login_name)}};
    if (!error_key.empty()) view.values["error"] = step.text(error_key);
    view.lists["rules"] = rules(step, policy->value);
    view.hidden = step.hidden();
    view.hidden["user"] = user.public_id;
    view.hidden["expires"] = to_rfc3339(step.services.clock.now() + kProofLife);
    view.hidden["proof"] = proof_of(step, user.public_id, view.hidden["expires"], (*stored)->changed);
    return step.show(error_key.empty() ? 200 : 400, "change_password", "password_change_text.title", view);
}

http::Response post_change(Step& step) {
    if (!step.csrf_ok()) return step.show_error(400, "error_csrf");
    const auto who = proven(step);
    if (!who) return step.show_error(who.error());
    if (!*who) return step.show_error(400, "error_csrf");
    const auto& [user, stored] = **who;
    if (const auto looks = step.appear_as(user.org); !looks) return step.show_error(looks.error());

    const std::string_view password = step.parameter("newPassword");
    const auto refused = refuse(step, user, password);
    if (!refused) return step.show_error(refused.error());
    if (!refused->empty()) return show_change(step, user, *refused);
    const auto prepared = step.services.password_check.prepare(OrgScope(step.scope, user.org), password, false);
    if (!prepared) {
        if (prepared.error().code == Code::invalid_argument) return show_change(step, user, "error_policy");
        return step.show_error(prepared.error());
    }
    const auto changed = step.services.passwords.change_own(step.ref(user.id), stored.encoded, *prepared, step.editor(user.id));
    if (!changed) return step.show_error(changed.error());
    return complete(step, user);
}

}  // namespace godwit::login
