#include "login/proof.h"

#include "crypto/compare.h"
#include "directory/user/users.h"

namespace godwit::login {
namespace {

constexpr std::chrono::minutes kProofLife{10};
/// "session": a live session of this browser that proved the password.
std::string_view name_of(Proved proved) {
    if (proved.password) return proved.totp ? "pwd otp" : "pwd";
    return proved.totp ? "session otp" : "session";
}

std::string sign(const Step& step, std::string_view user_id, std::string_view expires, std::string_view proved, Time changed) {
    // `changed` makes the proof worthless once a new password is stored.
    return step.sign("proved", {user_id, expires, proved, std::to_string(changed.micros)});
}

}  // namespace

Result<void> add_proof(const Step& step, const user::User& user, Proved proved, std::map<std::string, std::string>& hidden) {
    const auto stored = TRY(step.services.passwords.find(step.ref(user.id)));
    if (!stored) return fail(Code::not_found, "LOGIN-Prf01", "the user has gone");
    hidden["user"] = user.public_id;
    hidden["expires"] = to_rfc3339(step.services.clock.now() + kProofLife);
    hidden["proved"] = name_of(proved);
    hidden["proof"] = sign(step, user.public_id, hidden["expires"], hidden["proved"], stored->changed);
    return {};
}

Result<std::optional<Proven>> read_proof(const Step& step) {
    const std::string_view user_id = step.parameter("user"), expires = step.parameter("expires"), proved = step.parameter("proved");
    const auto until = parse_rfc3339(expires);
    if (!until || *until < step.services.clock.now()) return std::nullopt;
    const auto user = TRY(step.services.users.find(user::Ref::named(step.scope, std::string(user_id))));
    // Locked or deactivated since the password was right: the proof is worth nothing any more.
    if (!user || (user->state != user::State::active && user->state != user::State::initial)) return std::nullopt;
    const auto stored = TRY(step.services.passwords.find(step.ref(user->id)));
    if (!stored || !crypto::constant_time_equals(sign(step, user_id, expires, proved, stored->changed), step.parameter("proof")))
        return std::nullopt;
    return Proven{
        .user = *user, .stored = *stored, .proved = {.password = !proved.starts_with("session"), .totp = proved.ends_with("otp")}};
}

}  // namespace godwit::login
